import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { lint, lintChecks } from '../../../src/doctor/lint/lint.ts';
import type { Config } from '../../../src/config/config.ts';
import type { ConfigFacts } from '../../../src/config/facts.ts';
import { root } from '../../helpers/host.ts';
import { config, enabled } from './lint-files.ts';

/** docs/lint.md is the test: each of its examples must have its findings, word for word. */
const page = readFileSync(`${root}docs/lint.md`, 'utf8');

interface Example {
  readonly code: string;
  readonly severity: string;
  readonly files: string;
  readonly output: string;
}

const examples: readonly Example[] = page
  .split('\n### ')
  .slice(1)
  .map((section) => {
    const [, code = '', severity = '', files = '', output = ''] =
      /^(\S+)\n\n(\w+)\.[^]*?\n```\n([^]*?)```\n\n```\n([^]*?)```\n/.exec(section) ?? [];
    return { code, severity: severity.toLowerCase(), files, output };
  });

/** `==> PATH (mode 0644) <==` and the lines below it, as head prints several files. */
function configsIn(files: string): readonly Config[] {
  return files
    .split(/^==> /m)
    .slice(1)
    .map((part) => {
      const [, path = '', mode, text = ''] = /^(.*?)(?: \(mode (\d+)\))? <==\n([^]*)$/.exec(part) ?? [];
      const content = text.replace(/\n\n$/, '\n').replaceAll('\\r\n', '\r\n');
      return config(path, content, mode);
    });
}

/** The hosts that the examples speak of. */
const hosts: Readonly<Record<string, ConfigFacts>> = {
  'nobody-manages': enabled('NetworkManager'),
  'no-brctl': enabled('networking'),
  'port-absent': { ...enabled('networking'), ifupdownMakesBridges: true, links: ['lo', 'eno1'] },
};

describe('docs/lint.md', () => {
  it('has a section for each check, with its severity', () => {
    const severities = new Map(lintChecks.map(({ code, severity }) => [code, severity]));
    expect(examples.map(({ code }) => code).sort()).toEqual([...severities.keys()].sort());
    expect(examples.filter(({ code, severity }) => severities.get(code) !== severity)).toEqual([]);
  });

  it.each(examples)('shows what is found: $code', ({ code, files, output }) => {
    const findings = lint(configsIn(files), hosts[code]);
    const text = findings.map(
      ({ path, line, severity, message, remedy, ...finding }) =>
        `${path}:${line}: ${severity}: ${message} [${finding.code}]\n  remedy: ${remedy}\n`,
    );
    expect(text.join('')).toBe(output);
  });
});
