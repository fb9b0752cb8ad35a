import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, main, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { labCache } from '../../helpers/lab.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';
import { definitionRows, domainXml, linkRows, networkXml, nicIn, packetRows, stateRows, type Row } from './rows.ts';

interface Report {
  readonly findings: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
  readonly notChecked: readonly { readonly code: string; readonly reason: string }[];
}

const programs = '/run/doctor';

async function doctor(...args: readonly string[]): Promise<Report> {
  const { stdout, stderr, status } = await kvmnet(['doctor', '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  expect(status).toBe(report.findings.length > 0 ? 3 : 0);
  return report;
}

/** As an administrator types it, who answers yes. */
async function bash(script: string): Promise<void> {
  const env = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, LAB: labCache };
  await must('bash', ['-ec', script], { env });
}

/** The host is broken, the finding appears, and is gone after its remedy, which is printed. */
function breaks(rows: readonly Row[]): void {
  it.each(rows)('$code', async ({ code, break: script, correct, clean, says = '' }) => {
    try {
      await bash(script);
      const { findings } = await doctor(code);
      expect(findings.map((finding) => finding.code)).toContain(code);
      expect(findings.map(({ message }) => message).join('\n')).toContain(says);
      for (const { remedy } of findings) await bash(correct ?? remedy);
      await waitFor(`${code} to be gone`, async () => (await doctor(code)).findings.length === 0, { seconds: 60 });
    } finally {
      if (clean !== undefined)
        await run('bash', ['-c', clean], { env: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } });
    }
    expect(await doctor()).toMatchObject({ findings: [], notChecked: [] });
  });
}

onPrivateHost('doctor', () => {
  let guest: Guest;

  beforeAll(async () => {
    await mkdir(programs, { recursive: true });
    await writeFile(`${programs}/kvmnet`, `#!/bin/sh\nexec '${process.execPath}' '${main}' --yes "$@"\n`);
    await chmod(`${programs}/kvmnet`, 0o755);
    for (const [name, subnet] of [
      ['keen', '192.168.210'],
      ['other', '192.168.211'],
    ] as const) {
      await virshWith(networkXml(name, subnet), 'net-define', 'FILE');
      await virsh(`net-start ${name}; net-autostart ${name}`);
    }
    await virshWith(domainXml('off', nicIn('keen', '01')), 'define', 'FILE');
    await virshWith(domainXml('idle', nicIn('other', '02')), 'define', 'FILE');
    guest = await makeGuestWithoutSystem('run', { nics: [nicIn('keen', '10')] });
  });

  afterAll(async () => {
    await guest.remove();
    await kvmnet(['forward', 'remove', '8098']);
    for (const name of ['off', 'idle']) await virsh('undefine', name);
    for (const name of ['keen', 'other']) await virsh(`net-destroy ${name}; net-undefine ${name}`);
    await rm(programs, { recursive: true });
  });

  it('finds nothing on a healthy host', async () => {
    expect(await doctor()).toMatchObject({ findings: [], notChecked: [] });
    expect((await kvmnet(['doctor'])).stdout).toMatch(/^no problems found by \d+ checks\n$/);
  });

  describe('finds a network that is broken, and prints what repairs it', () => {
    breaks(stateRows);
  });

  describe('finds a definition that is wrong, and prints what corrects it', () => {
    breaks(definitionRows);
  });

  describe('finds a link that is wrong, and prints what corrects it', () => {
    breaks(linkRows);
  });

  describe('finds what stops packets, and prints what lets them pass', () => {
    breaks(packetRows);
  });
});
