/** Misspelled keys: no program reads them, and they are similar to a key that a program reads. */
import { configsOf, type Config, type ConfigOf } from '../../config/config.ts';
import type { ConfigEntry, ConfigSection } from '../../config/file.ts';
import { optionName } from '../../config/ifupdown/read.ts';
import { sectionName } from '../../config/networkmanager/read.ts';
import { distance } from '../../values/nearest.ts';
import type { Complaint, LintCheck, LintSubject } from './check.ts';
import { ifcfgFamilies, ifcfgKeys } from '../../config/ifcfg/keys.ts';
import { interfacesFamilies, interfacesKeys, interfacesKeywords } from '../../config/ifupdown/keys.ts';
import { keyfileKeys } from '../../config/networkmanager/keys.ts';
import { netdevKeys, networkKeys } from '../../config/networkd/keys.ts';
import { type SectionKeys } from '../../config/section-keys.ts';

/**
 * The known word that `word` is a slip of: other case, or one letter off (two in long words). Stricter than the search for suggestions, for
 * a key that kvmnet does not know may be right.
 */
export function misspelling(word: string, known: Iterable<string>): string | undefined {
  const limit = word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
  let best: { readonly candidate: string; readonly far: number } | undefined;
  for (const candidate of known) {
    if (candidate === word) return undefined;
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far <= limit && (best === undefined || far < best.far)) best = { candidate, far };
  }
  return best?.candidate;
}

/** Among more names than a host has devices a slip is not looked for. */
const mostNames = 1000;

/** The device that a name is a slip of. Another number is another device: brvlan-20 is not a misspelled brvlan-10. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  if (known.length > mostNames) return undefined;
  const digits = (text: string): string => text.replaceAll(/\D/g, '');
  const alike = known.filter((each) => each !== name && digits(each) === digits(name));
  return alike.find((each) => distance(each.toLowerCase(), name.toLowerCase()) <= 1);
}

export const keyChecks: readonly LintCheck[] = [
  { code: 'misspelt-key', severity: 'error', find: misspeltKeys },
  { code: 'wrong-section', severity: 'error', find: keysOfOtherSections },
];

/** A .netdev file, or a drop-in of one. */
export function isNetdev(path: string): boolean {
  return /\.netdev(\.d\/[^/]*)?$/.test(path);
}

function networkdSections(path: string): SectionKeys {
  return isNetdev(path) ? netdevKeys : networkKeys;
}

/** The sections of a file that systemd-networkd has. */
export function readNetworkdSections({ file, parsed }: ConfigOf<'networkd'>): readonly ConfigSection[] {
  const known = networkdSections(file.path);
  return parsed.sections.filter(({ name }) => known.has(name));
}

export interface KnownSection {
  readonly section: ConfigSection;
  readonly name: string;
  readonly known: SectionKeys;
}

/** Its sections with what may stand there; none of a format that has no sections. */
export function sectionsOf(config: Config): readonly KnownSection[] {
  if (config.format === 'networkmanager') {
    return config.parsed.sections.map((section) => ({ section, name: sectionName(section.name), known: keyfileKeys }));
  }
  // udev reads those; they have keys of their own.
  if (config.format !== 'networkd' || config.file.path.endsWith('.link')) return [];
  const known = networkdSections(config.file.path);
  return config.parsed.sections.map((section) => ({ section, name: section.name, known }));
}

/** NetworkManager reports unknown keys there: see unknown-keys.ts. */
function isBond({ format }: Config, name: string): boolean {
  return format === 'networkmanager' && name === 'bond';
}

/** A key that another section has: its own does not read it. */
export function keysOfOtherSections({ configs }: LintSubject): readonly Complaint[] {
  const named = configs.flatMap((config) => sectionsOf(config).map((section) => ({ config, ...section })));
  return named.flatMap(({ config, section, name, known }) => {
    const keys = known.get(name) ?? [];
    if (keys.length === 0 || isBond(config, name)) return [];
    return section.entries.flatMap(({ key, line }) => {
      const bare = key.replace(/\d+(_options)?$/, '');
      if (keys.includes(key) || keys.includes(bare)) return [];
      const others = [...known].filter(([, each]) => each.includes(key) || each.includes(bare)).map(([other]) => other);
      const [first] = others;
      if (first === undefined) return [];
      const places = others.map((other) => `[${other}]`).join(' or ');
      const message = `${key} belongs into ${places}: nothing reads it in [${section.name}]`;
      return [{ path: config.file.path, line, message, remedy: `write it below [${first}]` }];
    });
  });
}

export function misspeltKeys({ configs }: Pick<LintSubject, 'configs'>): readonly Complaint[] {
  return configs.flatMap((config) => {
    switch (config.format) {
      case 'ifcfg':
        return config.parsed.entries.flatMap((entry) => ifcfgComplaints(config, entry));
      case 'ifupdown':
        return [...config.parsed.ifaces, ...config.parsed.mappings].flatMap(({ options }) =>
          options.flatMap((entry) => optionComplaints(config, entry)),
        );
      case 'networkd':
        // udev reads those; they have keys of their own.
        if (config.file.path.endsWith('.link')) return [];
        return sectionComplaints(config, config.parsed.sections, networkdSections(config.file.path));
      case 'networkmanager':
        return sectionComplaints(
          config,
          config.parsed.sections
            .map((section) => ({ ...section, name: sectionName(section.name) }))
            .filter(({ name }) => keyfileKeys.has(name) && !isBond(config, name)),
          keyfileKeys,
        );
      case 'netplan':
        return []; // its grammar has all keys
    }
  });
}

/** `NETMASK2` is a NETMASK. */
function ifcfgComplaints(config: Config, { key, value, line }: ConfigEntry): readonly Complaint[] {
  const bare = key.replace(/\d+(_\d+)?$/, '');
  if (ifcfgKeys.has(key) || ifcfgKeys.has(bare) || ifcfgFamilies.some((family) => key.startsWith(family))) return [];
  const meant = misspelling(bare, ifcfgKeys);
  const number = key.slice(bare.length);
  return meant === undefined ? [] : [complaint(config, line, key, `write ${meant}${number}=${value}`)];
}

function optionComplaints(config: Config, { key, value, line }: ConfigEntry): readonly Complaint[] {
  const name = optionName(key);
  if (interfacesKeys.has(name) || interfacesFamilies.some((family) => name.startsWith(family))) return [];
  const meant = misspelling(name, [...interfacesKeys, ...interfacesKeywords]);
  return meant === undefined ? [] : [complaint(config, line, key, `write ${restored(key, meant)} ${value}`)];
}

/** In the spelling that the user has chosen, `bridge_ports` or `bridge-ports`. */
function restored(key: string, meant: string): string {
  return key.includes('_') ? meant.replaceAll('-', '_') : meant;
}

function sectionComplaints(
  config: Config,
  sections: readonly ConfigSection[],
  known: SectionKeys,
): readonly Complaint[] {
  return sections.flatMap(({ name, line, entries }) => {
    const keys = known.get(name);
    if (keys === undefined) {
      const meant = misspelling(name, known.keys());
      return meant === undefined ? [] : [complaint(config, line, `[${name}]`, `write [${meant}]`)];
    }
    return entries.flatMap(({ key, value, line: place }) => {
      const bare = key.replace(/\d+(_options)?$/, '');
      if (keys.length === 0 || keys.includes(key) || keys.includes(bare)) return [];
      if ([...known.values()].some((each) => each.includes(key) || each.includes(bare))) return [];
      const meant = misspelling(key, keys);
      return meant === undefined ? [] : [complaint(config, place, key, `write ${meant}=${value}`)];
    });
  });
}

function complaint({ file }: Config, line: number, key: string, remedy: string): Complaint {
  return { path: file.path, line, message: `${key} is misspelled: nothing reads it`, remedy };
}

/** The keys of an ifcfg file by their names, for the checks of values. */
export function ifcfgEntries({ configs }: LintSubject, keys: readonly string[]) {
  return configsOf(configs, 'ifcfg').flatMap(({ file, parsed }) =>
    parsed.entries.filter(({ key }) => keys.includes(key)).map((entry) => ({ ...entry, path: file.path })),
  );
}
