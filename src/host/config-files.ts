/**
 * The host's network configuration on disk: files, and which programs read them. Nothing is run: a mounted image is read like this machine, by
 * giving its root directory.
 */
import { accessSync, constants, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { searchPath } from './run.ts';

/** A file with its permission bits. */
export interface ConfigFileRecord {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Where each format has its files, on Debian, Fedora and their relatives. */
export const configPaths = {
  ifupdown: ['/etc/network/interfaces'],
  ifcfg: ['/etc/sysconfig/network-scripts/ifcfg-*'],
  networkmanager: ['/etc/NetworkManager/system-connections/*'],
  networkd: [
    '/etc/systemd/network/*.network',
    '/etc/systemd/network/*.netdev',
    '/etc/systemd/network/*.network.d/*.conf',
    '/etc/systemd/network/*.netdev.d/*.conf',
  ],
  netplan: ['/etc/netplan/*.yaml', '/etc/netplan/*.yml'],
} as const;

/** Copies that network-scripts and NetworkManager leave out: `__sed_discard_ignored_files` of initscripts' functions. */
const leftOut = /(~|\.bak|\.old|\.orig|\.rpmnew|\.rpmorig|\.rpmsave)$/;

/** 1 MiB: longer than any configuration, short enough to look at. */
const longest = 1024 * 1024;

/**
 * Reads a file of text.
 * @throws NOTFOUND, PERMISSION, or INPUT for what is no such file: a directory, a device, bytes
 */
export function readConfigFile(path: string): ConfigFileRecord {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new KvmnetError('INPUT', `${path} is a directory`, { hint: 'name a file in it' });
    if (!stat.isFile() || stat.size > longest) {
      throw new KvmnetError('INPUT', `${path} is no configuration file`, {
        hint: 'name a file of text, of at most 1 MiB',
      });
    }
    const text = readFileSync(path, 'utf8');
    if (text.includes('\0')) throw new KvmnetError('INPUT', `${path} is not text`, { hint: 'name a file of text' });
    return { path, text, mode: stat.mode & 0o7777 };
  } catch (cause) {
    if (cause instanceof KvmnetError) throw cause;
    throw readError(path, cause);
  }
}

function readError(path: string, cause: unknown): KvmnetError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') {
    return new KvmnetError('PERMISSION', `${path} may not be read`, {
      hint: 'run as root: sudo kvmnet host lint',
      cause,
    });
  }
  return new KvmnetError('NOTFOUND', `there is no file ${path}`, {
    hint: 'a path begins in the current directory',
    cause,
  });
}

/** The files below `root` that match a pattern of `*`, `?` and `[…]`, by name; what begins with a dot is left out, as by a shell. */
export function findFiles(root: string, pattern: string): readonly string[] {
  const segments = pattern.split('/').filter((segment) => segment !== '');
  const found = segments.reduce<readonly string[]>(
    (directories, segment) =>
      directories.flatMap((directory) => {
        if (!/[*?[]/.test(segment)) return [join(directory, segment)];
        const matcher = shellPattern(segment);
        return list(directory)
          .filter((name) => !name.startsWith('.') && matcher.test(name))
          .map((name) => join(directory, name));
      }),
    [root],
  );
  return found.filter((path) => isFile(path) && !(pattern.includes('/ifcfg-*') && leftOut.test(path)));
}

/** The files in a directory, by name, without copies that no manager reads. */
export function filesIn(directory: string): readonly string[] {
  return list(directory)
    .filter((name) => !name.startsWith('.') && !leftOut.test(name))
    .map((name) => join(directory, name))
    .filter(isFile);
}

function shellPattern(segment: string): RegExp {
  const source = segment
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^\b$/; // an open bracket matches nothing
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** Also of a file that may not be read: that is told, and not passed over. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

type Presence = 'enabled' | 'disabled' | 'absent';

export interface ManagerRecord {
  readonly managers: Readonly<Record<'NetworkManager' | 'systemd-networkd' | 'networking' | 'network', Presence>>;
  readonly hasBrctl: boolean;
  readonly ifupdownMakesBridges: boolean;
  readonly scriptsCallBrctl: boolean;
}

const unitFolders = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system', '/run/systemd/system'];
const wantFolders = [
  ...unitFolders,
  '/run/systemd/generator',
  '/run/systemd/generator.late',
  '/run/systemd/generator.early',
];
const initFolders = ['/etc/init.d', '/etc/rc.d/init.d'];

/** Which managers are there and started at boot, and their helpers; undefined below a root that has no services at all. */
export function readManagers(root: string): ManagerRecord | undefined {
  if (![...unitFolders, ...initFolders].some((folder) => isDirectory(join(root, folder)))) return undefined;
  const presence = (name: string): Presence => presenceOf(root, name);
  return {
    managers: {
      NetworkManager: presence('NetworkManager'),
      'systemd-networkd': presence('systemd-networkd'),
      networking: presence('networking'),
      network: presence('network'),
    },
    hasBrctl: searchPath.split(':').some((folder) => isProgram(join(root, folder, 'brctl'))),
    ifupdownMakesBridges: ifupdownHelpers.some((path) => exists(join(root, path))),
    scriptsCallBrctl: textOf(join(root, '/etc/sysconfig/network-scripts/ifup-eth')).includes('brctl'),
  };
}

const ifupdownHelpers = [
  '/etc/network/if-pre-up.d/bridge',
  '/lib/bridge-utils/ifupdown.sh',
  '/usr/lib/bridge-utils/ifupdown.sh',
  '/usr/share/ifupdown2',
  '/usr/libexec/ifupdown-ng/bridge',
];

/** By systemd's links, or by those of SysV's run levels. */
function presenceOf(root: string, name: string): Presence {
  const unit = `${name}.service`;
  if (unitFolders.some((folder) => linkOf(join(root, folder, unit)) === '/dev/null')) return 'disabled';
  const isWanted = wantFolders.some((folder) =>
    list(join(root, folder)).some((entry) => entry.endsWith('.wants') && exists(join(root, folder, entry, unit))),
  );
  const isScheduled = ['S', '2', '3', '4', '5'].some((level) =>
    [`/etc/rc${level}.d`, `/etc/rc.d/rc${level}.d`].some((folder) =>
      list(join(root, folder)).some((entry) => /^S\d\d/.test(entry) && entry.slice(3) === name),
    ),
  );
  const isThere = [
    ...unitFolders.map((folder) => join(folder, unit)),
    ...initFolders.map((folder) => join(folder, name)),
  ];
  if (isWanted || isScheduled) return 'enabled';
  return isThere.some((path) => exists(join(root, path))) ? 'disabled' : 'absent';
}

/** Also a link that leads nowhere: below another root most do. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
