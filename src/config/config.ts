/** A configuration file of the host in the format of the manager that reads it. */
import type { ConfigFile, ConfigProblem } from './file.ts';
import { parseIfcfg, type Ifcfg } from './ifcfg/parse.ts';
import { parseIni, type Ini } from './ini.ts';
import { parseInterfaces, type Interfaces } from './ifupdown/parse.ts';
import { parseNetplan, type Netplan } from './netplan/parse.ts';

/** The formats, by the names that `host persist --for` takes. */
export const configFormats = ['ifupdown', 'ifcfg', 'networkmanager', 'networkd', 'netplan'] as const;

export type ConfigFormat = (typeof configFormats)[number];

/** A file with what a parser made of it. */
export type Config = { readonly file: ConfigFile } & (
  | { readonly format: 'ifupdown'; readonly parsed: Interfaces }
  | { readonly format: 'ifcfg'; readonly parsed: Ifcfg }
  | { readonly format: 'networkmanager'; readonly parsed: Ini }
  | { readonly format: 'networkd'; readonly parsed: Ini }
  | { readonly format: 'netplan'; readonly parsed: Netplan }
);

/** The config of one format: `ConfigOf<'ifcfg'>`. */
export type ConfigOf<Format extends ConfigFormat> = Extract<Config, { readonly format: Format }>;

/** Reads a file in a format. Never throws: what cannot be read is in the problems. */
export function readConfig(file: ConfigFile, format: ConfigFormat): Config {
  switch (format) {
    case 'ifupdown':
      return { file, format, parsed: parseInterfaces(file.text) };
    case 'ifcfg':
      return { file, format, parsed: parseIfcfg(file.text) };
    case 'networkmanager':
      return { file, format, parsed: parseIni(file.text, 'keyfile') };
    case 'networkd':
      return { file, format, parsed: parseIni(file.text, 'systemd') };
    case 'netplan':
      return { file, format, parsed: parseNetplan(file.text) };
  }
}

/** Returns the files of one format. */
export function configsOf<Format extends ConfigFormat>(
  configs: readonly Config[],
  format: Format,
): readonly ConfigOf<Format>[] {
  return configs.filter((config): config is ConfigOf<Format> => config.format === format);
}

/** The mistakes that the parser found in a file. */
export function problemsOf({ parsed }: Config): readonly ConfigProblem[] {
  return parsed.problems;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const names: readonly (readonly [pattern: RegExp, format: ConfigFormat])[] = [
  [/^ifcfg-/, 'ifcfg'],
  [/\.(network|netdev|link)$/, 'networkd'],
  [/\.nmconnection$/, 'networkmanager'],
  [/\.ya?ml$/, 'netplan'],
  [/^interfaces$/, 'ifupdown'],
];

const folders: readonly (readonly [pattern: RegExp, format: ConfigFormat])[] = [
  [/(^|\/)network\/interfaces\.d\/[^/]+$/, 'ifupdown'],
  [/(^|\/)NetworkManager\/system-connections\/[^/]+$/, 'networkmanager'],
  [/(^|\/)[^/]+\.(network|netdev)\.d\/[^/]+\.conf$/, 'networkd'],
];

/** Patterns of lines that identify a format, the most certain first. */
const contents: readonly (readonly [pattern: RegExp, format: ConfigFormat])[] = [
  [/^\s*(iface|auto|allow-hotplug)\s+\S/m, 'ifupdown'],
  [/^\s*\[connection\]/m, 'networkmanager'],
  [/^\s*\[(Match|NetDev|Network)\]/m, 'networkd'],
  [/^network:/m, 'netplan'],
  [/^\s*(DEVICE|ONBOOT|BOOTPROTO|TYPE)=/m, 'ifcfg'],
];

/** The format of a file by its name, its folder, or else its content; undefined for one that looks like none. */
export function formatOf({ path, text }: ConfigFile): ConfigFormat | undefined {
  const find = (table: typeof names, subject: string): ConfigFormat | undefined =>
    table.find(([pattern]) => pattern.test(subject))?.[1];
  return find(names, baseName(path)) ?? find(folders, path) ?? find(contents, text);
}
