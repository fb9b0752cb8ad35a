/** Keys and sections that systemd-networkd and NetworkManager report as unknown. */
import type { Config } from '../../config/config.ts';
import type { ConfigEntry } from '../../config/file.ts';
import type { Complaint, LintCheck, LintSubject } from './check.ts';
import { isNetdev, keysOfOtherSections, misspelling, misspeltKeys, sectionsOf } from './keys.ts';

/** `X-` is for other programs. */
const isForOthers = (name: string): boolean => name.startsWith('X-');

function unknownKeys(subject: LintSubject): readonly Complaint[] {
  const told = new Set(
    [...misspeltKeys(subject), ...keysOfOtherSections(subject)].map(({ path, line }) => `${path}:${line}`),
  );
  const found = subject.configs.flatMap((config) =>
    sectionsOf(config).flatMap(({ section, name, known }) => {
      const keys = known.get(name);
      if (keys === undefined)
        return isForOthers(name) ? [] : [unknownSection(config, section, name, [...known.keys()])];
      return section.entries
        .filter(({ key }) => isUnknown(config, name, key, keys))
        .map((entry) => unknownKey(config, name, entry, keys));
    }),
  );
  return found.filter(({ path, line }) => !told.has(`${path}:${line}`));
}

/** NetworkManager does not report unknown keys, except options of a bond, and drops them when it writes the profile. */
function isUnknown({ format }: Config, section: string, key: string, known: readonly string[]): boolean {
  if (known.length === 0 || known.includes(key)) return false;
  return format === 'networkd' ? !isForOthers(key) : section === 'bond';
}

function managerOf({ format }: Config): string {
  return format === 'networkd' ? 'systemd-networkd' : 'NetworkManager';
}

function manualOf({ format, file }: Config): string {
  if (format === 'networkmanager') return 'man nm-settings-keyfile';
  return `man systemd.${isNetdev(file.path) ? 'netdev' : 'network'}`;
}

function unknownSection(
  config: Config,
  { line }: Pick<ConfigEntry, 'line'>,
  name: string,
  known: readonly string[],
): Complaint {
  const meant = misspelling(name, known);
  return {
    path: config.file.path,
    line,
    message: `[${name}] is not a section that ${managerOf(config)} knows: it ignores all that stands below`,
    remedy: meant === undefined ? `remove the section; ${manualOf(config)} lists all sections` : `write [${meant}]`,
  };
}

function unknownKey(
  config: Config,
  section: string,
  { key, value, line }: ConfigEntry,
  known: readonly string[],
): Complaint {
  const meant = misspelling(key, known);
  return {
    path: config.file.path,
    line,
    message: `${key} is not a key that ${managerOf(config)} knows in [${section}]: it ignores the line`,
    remedy: meant === undefined ? `remove the line; ${manualOf(config)} lists all keys` : `write ${meant}=${value}`,
  };
}

export const unknownKeyChecks: readonly LintCheck[] = [{ code: 'unknown-key', severity: 'error', find: unknownKeys }];
