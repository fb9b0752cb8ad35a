/** A look at a host's links, and at libvirt's networks and domains where it answers. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { State } from '../state/state.ts';
import { observeHost, type HostLook } from './host.ts';
import { observe, type ObserveOptions } from './observe.ts';

/** How a host is reached. */
export interface HostAccess extends Pick<HostLook, 'on' | 'onRun'> {
  readonly uri: string;
  /** Opens a connection to libvirt, which may take long or fail. */
  readonly connect: () => Promise<Connection>;
}

/** The state of the host, and the error if libvirt's part is missing. */
export interface HostFirst {
  readonly state: State;
  readonly libvirtError?: KvmnetError;
}

/** The host's links and routes, with libvirt's networks and domains, or with the error if libvirt does not answer. */
export async function observeHostFirst(
  { uri, connect, on, onRun }: HostAccess,
  look: ObserveOptions,
): Promise<HostFirst> {
  const [host, libvirt] = await Promise.all([observeHost({ ...look, on, onRun }), observeLibvirt(uri, connect, look)]);
  return { ...libvirt, state: { ...libvirt.state, host } };
}

const unknown = { hypervisor: '', libvirtVersion: 0 };

async function observeLibvirt(
  uri: string,
  connect: () => Promise<Connection>,
  { networks = true, domains = true }: ObserveOptions,
): Promise<HostFirst> {
  const nothing: State = { connection: { uri, ...unknown }, networks: [], domains: [], host: undefined };
  if (!networks && !domains) return { state: nothing };
  try {
    const only = { networks, domains, leases: false, links: false, routes: false };
    return { state: await observe(await connect(), only) };
  } catch (error) {
    if (!(error instanceof KvmnetError) || !away.includes(error.code)) throw error;
    return { state: nothing, libvirtError: error };
  }
}

const away: readonly string[] = ['CONNECT', 'TIMEOUT', 'PERMISSION', 'DEPENDENCY'];
