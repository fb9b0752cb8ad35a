/** A look at a host's links first, and at libvirt's networks and domains where it answers. */
import { KvmnetError } from '../errors.ts';
import { hostTarget } from '../observe/host-target.ts';
import { observeHost } from '../observe/host.ts';
import { observe } from '../observe/observe.ts';
import type { State } from '../state/state.ts';
import type { Context, Look } from './context.ts';
import { leftoverWarnings } from './leftover-text.ts';

/** Reads the host; if libvirt does not answer, without its part and with a warning. */
export async function lookAtHost(context: Context, look: Look, access: 'read' | 'change'): Promise<State> {
  const { uri } = context.options;
  const options = { ...look, on: hostTarget(uri), onRun: context.traceRun };
  if (access === 'read') context.warn(leftoverWarnings(uri));
  const [host, libvirt] = await Promise.all([observeHost(options), lookAtLibvirt(context, look, access)]);
  return { ...libvirt, host };
}

const unknown = { hypervisor: '', libvirtVersion: 0 };

/** Milliseconds for libvirt to report who uses a link: a report can do without it, but a change depends on it. */
const patience = { read: 5_000, change: 10_000 };

async function lookAtLibvirt(context: Context, look: Look, access: 'read' | 'change'): Promise<State> {
  const { networks = true, domains = true } = look;
  const nothing: State = {
    connection: { uri: context.options.uri, ...unknown },
    networks: [],
    domains: [],
    host: undefined,
  };
  if (!networks && !domains) return nothing;
  try {
    const connection = await context.connection('read', { purpose: 'users of links', patience: patience[access] });
    const state = await observe(connection, { networks, domains, leases: false, links: false, routes: false });
    context.warnOfUnreadable(state);
    return state;
  } catch (error) {
    if (!(error instanceof KvmnetError) || !away.includes(error.code)) throw error;
    context.warn([`which networks and VMs use a link is not known: ${error.message}`]);
    return nothing;
  }
}

const away: readonly string[] = ['CONNECT', 'TIMEOUT', 'PERMISSION', 'DEPENDENCY'];
