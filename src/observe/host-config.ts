/** Configuration files of a host, in their formats, with the facts that they depend on. */
import { dirname, resolve } from 'node:path';
import { KvmnetError } from '../errors.ts';
import {
  configPaths,
  filesIn,
  findFiles,
  isDirectory,
  readConfigFile,
  readManagers,
} from '../host/files/config-files.ts';
import {
  configFormats,
  formatOf,
  readConfig,
  type Config,
  type ConfigFormat,
  type ConfigOf,
} from '../config/config.ts';
import type { ConfigFacts } from '../config/facts.ts';
import type { ConfigFile } from '../config/file.ts';

/** Files that belong together. */
export interface HostConfig {
  readonly configs: readonly Config[];
  /** Undefined below a root that has no services, and for files that are of no host. */
  readonly facts: ConfigFacts | undefined;
  /** Files that exist but may not be read. */
  readonly unreadable: readonly string[];
}

/** All configuration files below a root directory: `/`, or where an image is mounted. */
export function observeHostConfig(root = '/'): HostConfig {
  const reader = new Reader(root);
  for (const format of configFormats) {
    const paths = configPaths[format].flatMap((pattern) => findFiles(root, pattern));
    for (const path of [...paths].sort()) reader.read(path, format);
  }
  return { configs: reader.configs, facts: readManagers(root), unreadable: reader.unreadable };
}

/** Reads files and what they include, each once. */
class Reader {
  readonly configs: Config[] = [];
  readonly unreadable: string[] = [];
  readonly #root: string;
  readonly #seen = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  readAll(pattern: string, format: ConfigFormat): void {
    for (const path of findFiles(this.#root, pattern)) this.read(path, format);
  }

  read(path: string, format: ConfigFormat): void {
    if (this.#seen.has(resolve(path))) return;
    this.#seen.add(resolve(path));
    const file = this.#file(path);
    if (file === undefined) return;
    const config = readConfig(file, format);
    this.configs.push(config);
    if (config.format === 'ifupdown') this.#follow(config);
  }

  #file(path: string): ConfigFile | undefined {
    try {
      return readConfigFile(path, this.#root);
    } catch (error) {
      if (error instanceof KvmnetError && error.code === 'PERMISSION') this.unreadable.push(path);
      return undefined;
    }
  }

  /** A pattern of `source` without a slash in front begins in the directory of /etc/network/interfaces. */
  #follow({ parsed }: ConfigOf<'ifupdown'>): void {
    for (const { keyword, pattern } of parsed.includes) {
      const absolute = pattern.startsWith('/') ? pattern : `/etc/network/${pattern}`;
      this.readAll(keyword === 'source-directory' ? `${absolute}/*` : absolute, 'ifupdown');
    }
  }
}

/** The formats of which a single file means little: its neighbors are read too, but not reported on. */
const together: readonly ConfigFormat[] = ['ifcfg', 'networkd', 'networkmanager'];

/**
 * Reads given files, each with the files that it depends on: all of its host's if its path is a host's (`…/etc/network/interfaces`, also
 * below the root of an image), otherwise the files of its format in the same directory.
 * @param format overrides the format detected from name and content
 * @throws NOTFOUND, PERMISSION, or INPUT for a file of unknown format
 */
export function observeConfigFiles(paths: readonly string[], format: ConfigFormat | undefined): readonly HostConfig[] {
  const hosts = new Map<string, HostConfig>();
  const loose = new Map<string, Config[]>();
  for (const path of paths) {
    const root = rootOf(path);
    const file = readConfigFile(path, root);
    const known = format ?? requireFormat(file);
    const host = root === undefined ? undefined : (hosts.get(root) ?? observeHostConfig(root));
    if (root !== undefined && host?.configs.some((config) => isSame(config, path, known))) {
      hosts.set(root, host);
    } else {
      const key = `${known} ${dirname(resolve(path))}`;
      loose.set(key, [...(loose.get(key) ?? []), readConfig(file, known)]);
    }
  }
  const groups = [...loose.values()].map((given) => ({
    configs: [...given, ...neighborsOf(given)],
    facts: undefined,
    unreadable: [],
  }));
  return [...hosts.values(), ...groups];
}

/** Returns the part of a manager's path before /etc/…. */
function rootOf(path: string): string | undefined {
  const [, root] = /^(.*?)\/etc\/(?:network|sysconfig|NetworkManager|systemd|netplan)\//.exec(resolve(path)) ?? [];
  return root === '' ? '/' : root;
}

function isSame({ file, format }: Config, path: string, known: ConfigFormat): boolean {
  return format === known && resolve(file.path) === resolve(path);
}

function neighborsOf(given: readonly Config[]): readonly Config[] {
  const [first] = given;
  if (first === undefined || !together.includes(first.format)) return [];
  const neighbors = filesIn(dirname(first.file.path)).filter(
    (path) => !given.some((config) => isSame(config, path, first.format)),
  );
  return neighbors.flatMap((path) => {
    const file = quietly(path);
    return file && formatOf(file) === first.format ? [readConfig(file, first.format)] : [];
  });
}

/** Ignores unreadable files next to the given one: they were not asked about. */
function quietly(path: string): ConfigFile | undefined {
  try {
    return readConfigFile(path);
  } catch {
    return undefined;
  }
}

/**
 * @param hint the remedy if it is not a directory
 * @throws NOTFOUND
 */
export function requireDirectory(path: string, hint: string): void {
  if (!isDirectory(path)) throw new KvmnetError('NOTFOUND', `no directory ${path}`, { hint });
}

/**
 * Reads the files of a directory that have a known format, or all of them if the format is given; undefined if it is not a directory.
 */
export function configFilesIn(directory: string, format: ConfigFormat | undefined): readonly string[] | undefined {
  if (!isDirectory(directory)) return undefined;
  return filesIn(directory).filter((path) => {
    const file = quietly(path);
    return file !== undefined && (format !== undefined || formatOf(file) !== undefined);
  });
}

function requireFormat(file: ConfigFile): ConfigFormat {
  const format = formatOf(file);
  if (format !== undefined) return format;
  throw new KvmnetError('INPUT', `${file.path} looks like none of the formats that kvmnet knows`, {
    hint: `name its format: --for ${configFormats.join('|')}`,
  });
}
