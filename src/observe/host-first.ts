/** A look at a host's links, and at libvirt's networks and domains where it answers. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { Part, Seen } from '../state/state.ts';
import { observeHost, type HostObserveOptions } from './host.ts';
import { observe, readerOf, seenOf, type ObserveOptions } from './observe.ts';

/** How a host is reached. */
export interface HostAccess extends Pick<HostObserveOptions, 'on' | 'onRun'> {
  readonly uri: string;
  /** Opens a connection to libvirt, which may take long or fail. */
  readonly connect: () => Promise<Connection>;
}

/** The state of the host, and the error if libvirt's part is missing. */
export interface HostFirst<P extends Part = Part> {
  readonly state: Seen<P>;
  readonly libvirtError?: KvmnetError;
}

/** The host's links and routes, with libvirt's networks and domains, or with the error if libvirt does not answer. */
export async function observeHostFirst<P extends Part = Part>(
  { uri, connect, on, onRun }: HostAccess,
  look: ObserveOptions<P>,
): Promise<HostFirst<P>> {
  const [host, { state, ...rest }] = await Promise.all([
    observeHost({ ...look, on, onRun }),
    observeLibvirt(uri, connect, look),
  ]);
  const { networks, domains, ...others } = state;
  return { ...rest, state: { ...others, host, ...seenOf({ networks, domains, host }, look) } };
}

const unknown = { hypervisor: '', libvirtVersion: 0 };

/** Libvirt's part; empty where it is not read, or cannot be. */
async function observeLibvirt(
  uri: string,
  connect: () => Promise<Connection>,
  look: ObserveOptions,
): Promise<{ readonly state: Seen<'networks' | 'domains'>; readonly libvirtError?: KvmnetError }> {
  const nothing = { connection: { uri, ...unknown }, networks: [], domains: [] };
  const only = (['networks', 'domains'] as const).filter(readerOf(look));
  if (only.length === 0) return { state: nothing };
  try {
    return { state: { ...nothing, ...(await observe(await connect(), { only, leases: false })) } };
  } catch (error) {
    if (!(error instanceof KvmnetError) || !away.includes(error.code)) throw error;
    return { state: nothing, libvirtError: error };
  }
}

const away: readonly string[] = ['CONNECT', 'TIMEOUT', 'PERMISSION', 'DEPENDENCY'];
