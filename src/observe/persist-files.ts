/** The configuration files that a host reads at boot, by their paths on that host. */
import { join } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { findFiles, readConfigFile } from '../host/config-files.ts';
import type { Config } from '../config/config.ts';
import type { ConfigFile } from '../config/file.ts';
import { observeHostConfig } from './host-config.ts';

export interface BootFiles {
  /** Also those that have no format of devices: routes, and what managers leave alone. */
  readonly files: readonly ConfigFile[];
  readonly configs: readonly Config[];
  /** Files of SUSE's dialect, which are neither read nor written. */
  readonly ofWicked: readonly string[];
}

const beside = ['/etc/sysconfig/network-scripts/route*-*', '/etc/NetworkManager/conf.d/*kvmnet*.conf'] as const;

/**
 * Reads them below a root directory: `/`, or the mount point of an image.
 * @throws PERMISSION if one may not be read: a change would lose its contents
 */
export function observeBootFiles(root: string): BootFiles {
  const { configs, unreadable } = observeHostConfig(root);
  const [closed] = unreadable;
  if (closed !== undefined) {
    throw new KvmnetError('PERMISSION', `${closed} may not be read`, { hint: 'run it with sudo' });
  }
  const others = beside.flatMap((pattern) => findFiles(root, pattern)).map((path) => readConfigFile(path, root));
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
