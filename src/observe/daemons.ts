/** Reads libvirt's daemons, the programs of its networks, and the kernel's settings that decide about packets, for checks. */
import { KvmnetError } from '../errors.ts';
import { readDaemons, readNetworkPrograms } from '../host/daemons.ts';
import { readFeatures, readReversePathFilters, readSysctls, switches } from '../host/kernel.ts';
import type { RunOptions } from '../host/run.ts';
import type { DaemonRecord, NetworkProgram } from '../records/daemon.ts';
import type { KernelFeatures } from '../records/kernel.ts';
import type { Link } from '../records/link.ts';
import { deviceSetting } from '../values/sysctl.ts';
import { hostTarget } from './host-target.ts';

/**
 * @param open opens a connection to libvirt
 * @throws DEPENDENCY for another machine
 */
export async function observeDaemons(uri: string, open: () => Promise<unknown>): Promise<DaemonRecord> {
  requireThisMachine(uri);
  const refusal = await open().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof KvmnetError) return { code: error.code, message: error.message };
      throw error;
    },
  );
  return { ...readDaemons(), refusal };
}

/** @throws DEPENDENCY for another machine */
export function observeNetworkPrograms(uri: string): ReadonlySet<NetworkProgram> {
  requireThisMachine(uri);
  return readNetworkPrograms();
}

/** The settings of the kernel for forwarding, bridges, ARP, router advertisements and reverse paths. */
export async function observeKernelSettings(uri: string, links: readonly Link[], onRun?: RunOptions['onRun']) {
  const options = { on: hostTarget(uri), onRun };
  const devices = ['all', ...links.map(({ name }) => name)];
  const names = devices.flatMap((device) => [deviceSetting(device, 'accept_ra'), deviceSetting(device, 'arp_ignore')]);
  const [sysctls, reversePathFilters] = await Promise.all([
    readSysctls([...switches, ...names], options),
    readReversePathFilters(devices, options),
  ]);
  const features: KernelFeatures | undefined = options.on === undefined ? readFeatures() : undefined;
  return { sysctls, reversePathFilters, features };
}

function requireThisMachine(uri: string): void {
  const on = hostTarget(uri);
  if (on === undefined) return;
  throw new KvmnetError('DEPENDENCY', `${on.host} is another machine: run kvmnet doctor there`);
}
