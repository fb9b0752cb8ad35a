/** Which managers of network devices a host has: by its files, and here also by what runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { locate } from './below.ts';
import { findFiles, readManagers } from './config-files.ts';
import { searchPath } from '../run.ts';

/** Facts about a manager that are known without asking it. */
export interface ManagerSignsRecord {
  /** Its program is installed. */
  readonly isInstalled: boolean;
  /** It runs, or is started at boot; undefined if unknown. */
  readonly runs: boolean | undefined;
}

export type ManagersRecord = Readonly<
  Record<'ifupdown' | 'ifcfg' | 'networkmanager' | 'networkd' | 'netplan', ManagerSignsRecord>
>;

/** Looks below a root directory: `/`, or where an image is mounted, in which nothing runs. */
export function detectManagers(root = '/'): ManagersRecord {
  const services = readManagers(root)?.managers;
  const has = (path: string): boolean => existsSync(locate(root, join(root, path)));
  const program = (name: string): boolean => searchPath.split(':').some((folder) => has(join(folder, name)));
  const runs = (service: keyof NonNullable<typeof services>, trace: string): boolean | undefined => {
    if (services?.[service] === 'enabled' || (root === '/' && existsSync(trace))) return true;
    return services ? false : undefined;
  };
  const networkmanager = runs('NetworkManager', '/run/NetworkManager');
  return {
    // network-scripts have an ifup too, and another folder.
    ifupdown: { isInstalled: program('ifup') && has('/etc/network'), runs: runs('networking', '/run/network/ifstate') },
    ifcfg: {
      isInstalled: findFiles(root, '/etc/sysconfig/network-scripts/ifup*').length > 0 || hasIfcfg(root),
      // NetworkManager reads ifcfg files too.
      runs: networkmanager === true ? true : runs('network', '/var/lock/subsys/network'),
    },
    networkmanager: { isInstalled: program('NetworkManager'), runs: networkmanager },
    networkd: {
      isInstalled: has('/lib/systemd/systemd-networkd') || has('/usr/lib/systemd/systemd-networkd'),
      runs: runs('systemd-networkd', '/run/systemd/netif'),
    },
    netplan: { isInstalled: program('netplan'), runs: program('netplan') },
  };
}

function hasIfcfg(root: string): boolean {
  return findFiles(root, '/etc/sysconfig/network-scripts/ifcfg-*').some((path) => !path.endsWith('/ifcfg-lo'));
}
