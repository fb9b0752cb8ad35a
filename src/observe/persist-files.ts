/** The configuration files that a host reads at boot, by their paths on that host. */
import { join, resolve } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { findFiles, readConfigFile } from '../host/files/config-files.ts';
import { detectManagers } from '../host/files/managers.ts';
import { stateDirectory } from '../host/state-directory.ts';
import type { Config } from '../config/config.ts';
import type { ConfigFile } from '../config/file.ts';
import { observeHostConfig, requireDirectory } from './host-config.ts';
import { isOnThisMachine } from './uri.ts';

export interface BootFiles {
  /** Also files that have no format of devices: routes, and settings that managers leave alone. */
  readonly files: readonly ConfigFile[];
  readonly configs: readonly Config[];
  /** Files of SUSE's dialect, which are neither read nor written. */
  readonly ofWicked: readonly string[];
}

const otherFiles = ['/etc/sysconfig/network-scripts/route*-*', '/etc/NetworkManager/conf.d/*kvmnet*.conf'] as const;

/**
 * Reads them below a root directory: `/`, or the mount point of an image.
 * @throws PERMISSION if one may not be read: a change would lose its contents
 */
function observeBootFiles(root: string): BootFiles {
  const { configs, unreadable } = observeHostConfig(root);
  const [closed] = unreadable;
  if (closed !== undefined) {
    throw new KvmnetError('PERMISSION', `${closed} may not be read`, { hint: 'run it with sudo' });
  }
  const others = otherFiles.flatMap((pattern) => findFiles(root, pattern)).map((path) => readConfigFile(path, root));
  const below = (file: ConfigFile): ConfigFile => ({ ...file, path: withoutRoot(root, file.path) });
  const all = configs.map((config) => ({ ...config, file: below(config.file) }));
  const isOfWicked = ({ file }: Config): boolean => file.path.startsWith('/etc/sysconfig/network/');
  const known = all.filter((config) => !isOfWicked(config));
  return {
    files: [...known.map(({ file }) => file), ...others.map(below)],
    configs: known,
    ofWicked: all
      .filter(isOfWicked)
      .map(({ file }) => file.path)
      .filter((path) => !path.endsWith('/ifcfg-lo')),
  };
}

function withoutRoot(root: string, path: string): string {
  const prefix = join(root, '/');
  return path.startsWith(prefix) ? `/${path.slice(prefix.length)}` : path;
}

/**
 * Reads all that writing a host's devices depends on.
 * @param uri of the daemon whose host it is
 * @param root where the host's root directory is
 * @throws DEPENDENCY if the host is another machine, NOTFOUND for a root that is not a directory, PERMISSION for an unreadable file
 */
export function observePersistFacts(uri: string, root = '/') {
  const path = resolve(root);
  if (!isOnThisMachine(uri)) {
    throw new KvmnetError('DEPENDENCY', `the configuration files of ${uri} are on another machine`, {
      hint: 'run kvmnet host persist there',
    });
  }
  requireDirectory(path, 'name where the root directory is mounted');
  const present = observeBootFiles(path);
  const keptIn = join(path, path === '/' ? stateDirectory() : '/var/lib/kvmnet', 'files');
  return { root: path, present, seen: detectManagers(path), keptIn };
}
