/** A file that host lint reports as refused is refused by its manager, and vice versa. docs/lint.md has the codes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { generateConfigs, interfacesMaterial, netplanMaterial } from '../helpers/config/generator.ts';
import { kvmnet, root } from '../helpers/host.ts';
import { keyfileMaterial, networkdMaterial } from '../helpers/config/ini-material.ts';
import { judge, type Judged, type JudgeName } from '../helpers/config/judges.ts';
import { labLimit } from '../helpers/lab.ts';

const count = 500;
const seed = 20_261_129;

/** The codes of a manager in the table of docs/lint.md. */
async function refusals(name: JudgeName): Promise<ReadonlySet<string>> {
  const page = await readFile(`${root}docs/lint.md`, 'utf8');
  const row = new RegExp(`^\\| ${name} [\\d.]+ *\\| ([^|]*) \\|$`, 'm').exec(page)?.[1] ?? '';
  return new Set(row.trim().split(', '));
}

interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly line: number;
  readonly message: string;
}

/** The errors of those codes. */
async function errorsOf({ root: image }: Judged, codes: ReadonlySet<string>): Promise<readonly Finding[]> {
  const { stdout } = await kvmnet(['host', 'lint', '--root', image, '--json']);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return findings.filter(({ code, severity }) => severity === 'error' && codes.has(code));
}

describe('host lint and the managers', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-lint-`);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each([
    ['netplan', netplanMaterial],
    ['ifupdown', interfacesMaterial],
    ['systemd-networkd', networkdMaterial],
    ['NetworkManager', keyfileMaterial],
  ] as const)(
    'agree on what %s refuses of 500 generated files',
    async (name, material) => {
      const codes = await refusals(name);
      const judged = await judge(name, generateConfigs(material, count, seed), `${folder}/${name}`);
      const refused = judged.filter(({ isRefused }) => isRefused).length;
      expect(judged).toHaveLength(count);
      // Many of both kinds are needed, or the agreement would mean little.
      expect(refused).toBeGreaterThan(count / 5);
      expect(refused).toBeLessThan((count * 4) / 5);
      const disagreements: unknown[] = [];
      for (const each of judged) {
        const errors = await errorsOf(each, codes);
        if (errors.length > 0 !== each.isRefused)
          disagreements.push({ text: each.text, manager: each.said, lint: errors });
      }
      expect(disagreements).toEqual([]);
    },
    labLimit * 1000,
  );
});
