/** Checks of netplan's files alone. What these find netplan refuses, and with the file the whole configuration. */
import { configsOf } from '../../../config/config.ts';
import type { LintCheck } from '../check.ts';
import { netplanRules } from './rules.ts';
import { netplanFaults, type NetplanFault } from './walk.ts';

const codes: readonly NetplanFault['code'][] = [
  'misspelt-key',
  'unknown-key',
  'wrong-type',
  'bad-value',
  'bad-address',
  'bad-netmask',
  'bad-mac',
  'bad-name',
  'port-undefined',
];

const keyTwice: LintCheck = {
  code: 'key-twice',
  severity: 'warning',
  find: ({ configs }) =>
    configsOf(configs, 'netplan').flatMap(({ file: { path }, parsed }) =>
      parsed.repeated.map(({ key, line, first }) => {
        const message = `${key} comes in line ${first} already: netplan merges maps and lists, and takes the last of other values`;
        return { path, line, message, remedy: 'merge the two' };
      }),
    ),
};

export const netplanChecks: readonly LintCheck[] = [
  ...codes.map((code): LintCheck => ({
    code,
    severity: 'error',
    find: ({ configs }) =>
      netplanFaults(configs).flatMap(({ code: found, path, line, message, remedy }) =>
        found === code ? [{ path, line, message, remedy }] : [],
      ),
  })),
  keyTwice,
  ...netplanRules,
];
