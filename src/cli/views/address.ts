/** The addresses of a domain's NICs, asked of every source, and shown each with its source and age. */
import { KvmnetError } from '../../errors.ts';
import { isLibvirtError } from '../../libvirt/error.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { formatDuration } from '../../values/duration.ts';
import { addressViews, isHeld, type AddressView, type DriverAnswer, type Neighbour } from '../../state/addresses.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { Column } from '../command.ts';
import type { Aside } from '../session.ts';
import { timeLeft } from './lease.ts';

/** How addresses are looked up. */
export interface AddressLook {
  /** Only those of this NIC. */
  readonly mac?: string | undefined;
  /** False: the agent is asked only for NICs of which nothing else knows an address. */
  readonly alwaysAsksAgent: boolean;
  /** Undefined where the host's kernel is out of sight. */
  readonly neighbours: readonly Neighbour[] | undefined;
  /** Opens a connection: libvirt asks a guest's agent only through one that may change things. */
  readonly connect: (access: 'read' | 'change', aside?: Aside) => Promise<Connection>;
}

/** Milliseconds for an agent: libvirt itself gives up one that does not answer at all after five seconds. */
const patience = { needed: 6_000, extra: 1_000 };

/** Asks every source about a domain's NICs; a failing one does not hide the others. */
export async function addressesOfDomain(
  domain: DomainState,
  state: State,
  look: AddressLook,
): Promise<readonly AddressView[]> {
  const views = (driver: DriverAnswer): readonly AddressView[] =>
    addressViews(domain, state, { now: Date.now() / 1000, neighbours: look.neighbours, driver }).filter(
      ({ mac }) => look.mac === undefined || mac === look.mac,
    );
  if (state.connection.hypervisor === 'TEST') return views(await ask(domain, 'lease', () => look.connect('read')));
  const silent = domain.active ? agentProblem(domain) : 'not running';
  if (silent !== undefined) return views({ silent });
  const known = views({ silent: 'not asked' });
  const isExtra = known.every(isHeld);
  if (isExtra && !look.alwaysAsksAgent) return known;
  const aside = { purpose: `the agent of ${domain.uuid}`, patience: isExtra ? patience.extra : patience.needed };
  return views(await ask(domain, 'agent', () => look.connect('change', aside)));
}

/** The driver's own knowledge: the guest agent's, or the test driver's invented addresses. */
async function ask(
  { uuid }: DomainState,
  source: 'lease' | 'agent',
  connect: () => Promise<Connection>,
): Promise<DriverAnswer> {
  try {
    const connection = await connect();
    return { source, interfaces: await connection.call('domainAddresses', { domain: uuid, source }) };
  } catch (error) {
    if (!(error instanceof KvmnetError) || error.code === 'INTERRUPTED') throw error;
    return { silent: reasonOf(error) };
  }
}

const channel = /<channel\b(?:(?!<\/channel>)[^])*name=['"]org\.qemu\.guest_agent\.0['"][^>]*>/;

/** QEMU reports whether a program in the guest holds the channel: without one libvirt would wait for five seconds. */
function agentProblem({ xml }: DomainState): string | undefined {
  const [found] = channel.exec(xml) ?? [];
  if (found === undefined) return 'no agent';
  return /state=['"]connected['"]/.test(found.slice(found.lastIndexOf('<'))) ? undefined : 'its agent does not run';
}

/** The agent holds its channel, but did not answer in time; libvirt then does not ask it again for a while. */
export function isAgentSilent(error: unknown): boolean {
  if (!(error instanceof KvmnetError)) return false;
  return error.code === 'TIMEOUT' || isLibvirtError(error, 'VIR_ERR_AGENT_UNRESPONSIVE');
}

function reasonOf(error: KvmnetError): string {
  if (isAgentSilent(error)) return 'its agent does not answer';
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
  { heading: 'Source', cell: ({ sources }) => sources.join(', '), isSpare: true },
  { heading: 'Age', cell: whenText, isSpare: true },
  { heading: 'Hostname', cell: ({ hostname }) => hostname, isSpare: true },
  { heading: 'Reason', cell: ({ reason }) => reason },
];
