/** Reads the settings and features of a host's kernel, the MAC addresses that its bridges have learned, and its network namespaces. */
import { readManagers } from '../host/files/config-files.ts';
import { readNicModels } from '../host/emulator.ts';
import { readFdb } from '../host/links/fdb.ts';
import { readFeatures, readForwarding } from '../host/kernel.ts';
import { readLinks } from '../host/links/links.ts';
import { readNetnsNames } from '../host/links/netns.ts';
import type { RunOptions } from '../host/run.ts';
import type { FdbRecord, KernelFeatures } from '../records/kernel.ts';
import type { Link } from '../records/link.ts';
import type { DomainState, State } from '../state/state.ts';
import { hostTarget } from './host-target.ts';
import { isLocal } from './uri.ts';

type OnRun = RunOptions['onRun'];

/** Switches of the kernel, and of this machine also what it can do and which programs bring devices up at boot. */
export interface KernelFacts {
  /** sysctl(8)'s names and values. */
  readonly forwarding: Readonly<Record<string, string>>;
  readonly managers: Readonly<Record<string, string>> | undefined;
  readonly features: KernelFeatures | undefined;
}

export async function observeKernel(uri: string, onRun?: OnRun): Promise<KernelFacts> {
  const on = hostTarget(uri);
  const forwarding = await readForwarding({ on, onRun });
  const own = on ? undefined : { managers: readManagers('/')?.managers, features: readFeatures() };
  return { forwarding, managers: own?.managers, features: own?.features };
}

/** The MAC addresses that a bridge knows. */
export async function observeMacs(uri: string, bridge: string, onRun?: OnRun): Promise<readonly FdbRecord[]> {
  return readFdb(bridge, { on: hostTarget(uri), onRun });
}

/** The links of a network namespace; undefined if it does not exist. */
export async function observeNamespace(
  uri: string,
  netns: string,
  onRun?: OnRun,
): Promise<readonly Link[] | undefined> {
  const host = { on: hostTarget(uri), onRun };
  const isThere = (await readNetnsNames(host)).includes(netns);
  return isThere ? readLinks({ ...host, netns }) : undefined;
}

/** The NIC models of a domain's emulator, where that is a QEMU of this machine. */
export async function observeNicModels(
  { domain }: Pick<DomainState, 'domain'>,
  { hypervisor, uri }: State['connection'],
  onRun?: OnRun,
): Promise<readonly string[] | undefined> {
  if (hypervisor !== 'QEMU' || !isLocal(uri) || domain.emulator === undefined) return undefined;
  return readNicModels(domain.emulator, { onRun });
}
