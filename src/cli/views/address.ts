/** The addresses of a domain's NICs, asked of every source, and shown each with its source and age. */
import { KvmnetError } from '../../errors.ts';
import { isLibvirtError } from '../../libvirt/error.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { formatDuration } from '../../plan/values/duration.ts';
import { addressViews, type AddressView, type DriverAnswer, type Neighbour } from '../../state/addresses.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { Column } from '../command.ts';
import { timeLeft } from './lease.ts';

/** Opens a connection: libvirt asks a guest's agent only through one that may change things. */
export type OpenConnection = (access: 'read' | 'change') => Promise<Connection>;

/** What every source knows of a domain's NICs; one that fails hides nothing of the others. */
export async function addressesOfDomain(
  domain: DomainState,
  state: State,
  connect: OpenConnection,
  neighbours: readonly Neighbour[] | undefined,
): Promise<readonly AddressView[]> {
  const driver = await askDriver(domain, state, connect);
  return addressViews(domain, state, { now: Date.now() / 1000, neighbours, driver });
}

/** The driver's own knowledge: the guest agent's where it runs, and the test driver's invented addresses. */
async function askDriver(domain: DomainState, state: State, connect: OpenConnection): Promise<DriverAnswer> {
  const source = state.connection.hypervisor === 'TEST' ? 'lease' : 'agent';
  if (!domain.active) return { silent: 'not running' };
  const silent = source === 'agent' ? agentProblem(domain) : undefined;
  if (silent !== undefined) return { silent };
  try {
    const connection = await connect(source === 'agent' ? 'change' : 'read');
    return { source, interfaces: await connection.call('domainAddresses', { domain: domain.uuid, source }) };
  } catch (error) {
    if (!(error instanceof KvmnetError) || error.code === 'INTERRUPTED') throw error;
    return { silent: reasonOf(error) };
  }
}

const channel = /<channel\b(?:(?!<\/channel>)[^])*name=['"]org\.qemu\.guest_agent\.0['"][^>]*>/;

/** QEMU tells whether a program in the guest holds the channel: without one libvirt would wait for five seconds. */
function agentProblem({ xml }: DomainState): string | undefined {
  const [found] = channel.exec(xml) ?? [];
  if (found === undefined) return 'no agent';
  return /state=['"]connected['"]/.test(found.slice(found.lastIndexOf('<'))) ? undefined : 'its agent does not run';
}

function reasonOf(error: KvmnetError): string {
  if (isLibvirtError(error, 'VIR_ERR_AGENT_UNRESPONSIVE')) return 'its agent does not answer';
  if (error.code === 'PERMISSION') return 'you may not ask its agent';
  return error.code === 'DEPENDENCY' ? 'no agent' : `its agent cannot be asked (${error.message})`;
}

/** How good the knowledge is, in time: what is left of a lease, or when the kernel last saw it. */
function whenText({ expires, seen }: AddressView): string | undefined {
  if (expires !== undefined)
    return expires === 0 ? 'lease without end' : `lease ends in ${timeLeft(expires, Date.now() / 1000)}`;
  return seen === undefined ? undefined : `seen ${formatDuration(seen)} ago`;
}

export const addressColumns: readonly Column<AddressView>[] = [
  { heading: 'Domain', cell: ({ domain }) => domain },
  { heading: 'NIC', cell: ({ nic }) => nic },
  { heading: 'Address', cell: ({ address }) => address },
  { heading: 'MAC', cell: ({ mac }) => mac },
  { heading: 'Network', cell: ({ network }) => network },
  { heading: 'Source', cell: ({ sources }) => sources.join(', ') },
  { heading: 'Age', cell: whenText },
  { heading: 'Hostname', cell: ({ hostname }) => hostname },
  { heading: 'Reason', cell: ({ reason }) => reason },
];
