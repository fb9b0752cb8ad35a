/**
 * The host's network configuration on disk: files, and which programs read them. Nothing is run: a mounted image is read like this machine, by
 * giving its root directory.
 */
import { accessSync, constants, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KvmnetError } from '../../errors.ts';
import { globMatches } from '../../values/glob.ts';
import { linkAt, locate } from './below.ts';
import { searchPath } from '../run.ts';

export interface ConfigFileRecord {
  readonly path: string;
  readonly text: string;
  /** Its permission bits. */
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Where the path is a symbolic link: where that leads to. */
  readonly link?: string;
}

/** Where each format has its files, on Debian, Fedora, SUSE and their relatives. */
export const configPaths = {
  ifupdown: ['/etc/network/interfaces'],
  ifcfg: ['/etc/sysconfig/network-scripts/ifcfg-*', '/etc/sysconfig/network/ifcfg-*'],
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
const maxBytes = 1024 * 1024;

/**
 * Reads a file of text.
 * @param root the root directory of its path: links are resolved within it
 * @throws NOTFOUND, PERMISSION, or INPUT for anything but a text file: a directory, a device, binary data
 */
export function readConfigFile(path: string, root = '/'): ConfigFileRecord {
  try {
    const file = locate(root, path);
    const stat = statSync(file);
    if (stat.isDirectory()) throw new KvmnetError('INPUT', `${path} is a directory`, { hint: 'name a file in it' });
    if (!stat.isFile() || stat.size > maxBytes) {
      throw new KvmnetError('INPUT', `${path} is not a configuration file`, {
        hint: 'name a file of text, of at most 1 MiB',
      });
    }
    const text = readFileSync(file, 'utf8');
    if (text.includes('\0')) throw new KvmnetError('INPUT', `${path} is not text`, { hint: 'name a file of text' });
    const { mode, uid, gid } = stat;
    const link = linkAt(locate(root, path, 'meant'));
    return { path, text, mode: mode & 0o7777, owner: { uid, gid }, ...(link === undefined ? {} : { link }) };
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
  return new KvmnetError('NOTFOUND', `file ${path} does not exist`, {
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
        return list(root, directory)
          .filter((name) => !name.startsWith('.') && globMatches(segment, name))
          .map((name) => join(directory, name));
      }),
    [root],
  );
  return found.filter((path) => isFile(root, path) && !(pattern.includes('/ifcfg-*') && leftOut.test(path)));
}

/** The files in a directory, by name, without copies that no manager reads. */
export function filesIn(directory: string): readonly string[] {
  return list('/', directory)
    .filter((name) => !name.startsWith('.') && !leftOut.test(name))
    .map((name) => join(directory, name))
    .filter((path) => isFile('/', path));
}

function list(root: string, directory: string): readonly string[] {
  try {
    return readdirSync(locate(root, directory)).sort();
  } catch {
    return [];
  }
}

/** Also for an unreadable file, so that it is reported and not skipped. */
function isFile(root: string, path: string): boolean {
  try {
    return statSync(locate(root, path)).isFile();
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
  readonly managers: Readonly<
    Record<'NetworkManager' | 'systemd-networkd' | 'networking' | 'network' | 'wicked', Presence>
  >;
  readonly hasBrctl: boolean;
  readonly ifupdownMakesBridges: boolean;
  readonly scriptsCallBrctl: boolean;
  /** The links of this machine; undefined for an image. */
  readonly links?: readonly string[];
}

const unitFolders = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system', '/run/systemd/system'];
const wantFolders = [
  ...unitFolders,
  '/run/systemd/generator',
  '/run/systemd/generator.late',
  '/run/systemd/generator.early',
];
const initFolders = ['/etc/init.d', '/etc/rc.d/init.d'];

/** Returns which managers and helpers are installed and enabled; undefined below a root without any services. */
export function readManagers(root: string): ManagerRecord | undefined {
  const at = (path: string): string => locate(root, join(root, path));
  if (![...unitFolders, ...initFolders].some((folder) => isDirectory(at(folder)))) return undefined;
  const presence = (name: string): Presence => presenceOf(root, name);
  return {
    managers: {
      NetworkManager: presence('NetworkManager'),
      'systemd-networkd': presence('systemd-networkd'),
      networking: presence('networking'),
      network: presence('network'),
      wicked: presence('wicked'),
    },
    hasBrctl: searchPath.split(':').some((folder) => isProgram(at(join(folder, 'brctl')))),
    ifupdownMakesBridges: ifupdownHelpers.some((path) => exists(root, path)),
    scriptsCallBrctl: textOf(at('/etc/sysconfig/network-scripts/ifup-eth')).includes('brctl'),
    ...(root === '/' ? { links: list(root, '/sys/class/net') } : {}),
  };
}

const ifupdownHelpers = [
  '/etc/network/if-pre-up.d/bridge',
  '/lib/bridge-utils/ifupdown.sh',
  '/usr/lib/bridge-utils/ifupdown.sh',
  '/usr/share/ifupdown2',
  '/usr/libexec/ifupdown-ng/bridge',
];

/** By the links of systemd, or of SysV's run levels. */
function presenceOf(root: string, name: string): Presence {
  const unit = `${name}.service`;
  if (unitFolders.some((folder) => linkAt(placeOf(root, join(folder, unit))) === '/dev/null')) return 'disabled';
  const isWanted = wantFolders.some((folder) =>
    list(root, join(root, folder)).some((entry) => entry.endsWith('.wants') && exists(root, join(folder, entry, unit))),
  );
  const isScheduled = ['S', '2', '3', '4', '5'].some((level) =>
    [`/etc/rc${level}.d`, `/etc/rc.d/rc${level}.d`].some((folder) =>
      list(root, join(root, folder)).some((entry) => /^S\d\d/.test(entry) && entry.slice(3) === name),
    ),
  );
  const isThere = [
    ...unitFolders.map((folder) => join(folder, unit)),
    ...initFolders.map((folder) => join(folder, name)),
  ];
  if (isWanted || isScheduled) return 'enabled';
  return isThere.some((path) => exists(root, path)) ? 'disabled' : 'absent';
}

/** Also a link that leads nowhere. */
function exists(root: string, path: string): boolean {
  return lstatSync(placeOf(root, path), { throwIfNoEntry: false }) !== undefined;
}

/** Where a path below a root stands, and not where it leads to. */
function placeOf(root: string, path: string): string {
  return locate(root, join(root, path), 'meant');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
