/** The addresses of domains' NICs, asked of every source, and waiting for them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isLibvirtError } from '../libvirt/error.ts';
import type { DriverAnswer, Neighbor } from '../records/guest-address.ts';
import { addressViews, isHeld, type AddressView } from '../state/addresses.ts';
import { findDomain } from '../state/find-domain.ts';
import type { DomainState, State } from '../state/state.ts';
import type { Aside, Reader } from './reader.ts';
import { isLocal } from './uri.ts';

/** Of which domain, and of which of its NICs; all of them where no MAC is given. */
export interface AddressOf {
  readonly domain: string;
  readonly mac?: string;
}

/** The readers of the host of a URI. */
export interface UriReader extends Reader {
  readonly options: { readonly uri: string };
}

const interval = 500;

/** The addresses known now, of the requested domains or of all; a NIC without one has a row with the reason. */
export async function observeAddresses(
  reader: UriReader,
  wanted?: readonly AddressOf[],
  alwaysAsksAgent = true,
): Promise<(readonly AddressView[])[]> {
  const domains = wanted && [...new Set(wanted.map(({ domain }) => domain))];
  const [state, neighbors] = await Promise.all([reader.observe({ routes: false, domains }), observeNeighbors(reader)]);
  return Promise.all(
    (wanted ?? state.domains.map(({ name }): AddressOf => ({ domain: name }))).map(({ domain, mac }) =>
      addressesOfDomain(findDomain(state, domain), state, {
        ...{ mac, alwaysAsksAgent, neighbors },
        connect: (...how) => reader.connection(...how),
      }),
    ),
  );
}

/** The neighbor tables of the host; undefined if they cannot be read. */
export async function observeNeighbors({ options, traceRun }: UriReader): Promise<readonly Neighbor[] | undefined> {
  if (!isLocal(options.uri)) return undefined;
  const { readNeighbors } = await import('../host/links/neighbors.ts');
  try {
    return await readNeighbors({ onRun: traceRun });
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    return undefined; // The results of the other sources matter more than this failure.
  }
}

/**
 * Waits until each requested NIC has an address. dnsmasq's leases appear a moment after the guest has been seen with its address: one that only
 * the neighbor table has is looked at twice.
 * @param onWait gets the names still without an address, at each reading
 * @throws TIMEOUT
 */
export async function waitForAddresses(
  reader: UriReader,
  wanted: readonly AddressOf[],
  milliseconds: number,
  onWait: (names: string) => void,
): Promise<AddressView[]> {
  const deadline = performance.now() + milliseconds;
  for (let isComplete = false; ;) {
    onWait(namesOf(wanted));
    const found = (await observeAddresses(reader, wanted, false)).map((known) => known.filter(isHeld));
    const without = wanted.filter((_, index) => found[index]?.length === 0);
    const all = found.flat();
    if (without.length === 0 && (isComplete || all.every(({ source }) => source !== 'neighbour'))) return all;
    isComplete = without.length === 0;
    if (!isComplete && performance.now() >= deadline) throw noAddress(without, milliseconds);
    await sleep(interval);
  }
}

function namesOf(wanted: readonly AddressOf[]): string {
  return wanted.map(({ domain, mac }) => (mac === undefined ? domain : `NIC ${mac} of ${domain}`)).join(', ');
}

function noAddress(without: readonly AddressOf[], milliseconds: number): KvmnetError {
  const message = `no address of ${namesOf(without)} within ${String(milliseconds / 1000)} s`;
  const attached = without.some(({ mac }) => mac !== undefined) ? '; the NIC is attached' : '';
  return new KvmnetError('TIMEOUT', message + attached, {
    hint: 'does the guest use DHCP, and does the network have a DHCP server (kvmnet net show)? kvmnet vm ip shows all known addresses',
  });
}

/** How addresses are looked up. */
export interface AddressQuery {
  /** Only the addresses of this NIC. */
  readonly mac?: string | undefined;
  /** False: the agent is asked only for NICs of which nothing else knows an address. */
  readonly alwaysAsksAgent: boolean;
  /** Undefined where the host's kernel is out of sight. */
  readonly neighbors: readonly Neighbor[] | undefined;
  /** Opens a connection: libvirt asks a guest's agent only through one that may change things. */
  readonly connect: (access: 'read' | 'change', aside?: Aside) => Promise<Connection>;
}

/** Milliseconds for an agent: libvirt itself gives up one that does not answer at all after five seconds. */
const patience = { needed: 6_000, extra: 1_000 };

/** Asks every source about a domain's NICs; the failure of one source hides nothing of the others. */
export async function addressesOfDomain(
  domain: DomainState,
  state: State,
  query: AddressQuery,
): Promise<readonly AddressView[]> {
  const views = (driver: DriverAnswer): readonly AddressView[] =>
    addressViews(domain, state, { now: Date.now() / 1000, neighbors: query.neighbors, driver }).filter(
      ({ mac }) => query.mac === undefined || mac === query.mac,
    );
  if (state.connection.hypervisor === 'TEST') return views(await ask(domain, 'lease', () => query.connect('read')));
  const silent = domain.active ? agentProblem(domain) : 'not running';
  if (silent !== undefined) return views({ silent });
  const known = views({ silent: 'not asked' });
  const isExtra = known.every(isHeld);
  if (isExtra && !query.alwaysAsksAgent) return known;
  const aside = { purpose: `the agent of ${domain.uuid}`, patience: isExtra ? patience.extra : patience.needed };
  return views(await ask(domain, 'agent', () => query.connect('change', aside)));
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

/** Asks QEMU whether a program in the guest holds the channel: without one libvirt would wait for five seconds. */
function agentProblem({ xml }: DomainState): string | undefined {
  const [found] = channel.exec(xml) ?? [];
  if (found === undefined) return 'no agent';
  return /state=['"]connected['"]/.test(found.slice(found.lastIndexOf('<'))) ? undefined : 'its agent does not run';
}

/** The agent holds its channel but did not answer in time; libvirt then does not ask it again for a while. */
export function isAgentSilent(error: unknown): boolean {
  if (!(error instanceof KvmnetError)) return false;
  return error.code === 'TIMEOUT' || isLibvirtError(error, 'VIR_ERR_AGENT_UNRESPONSIVE');
}

function reasonOf(error: KvmnetError): string {
  if (isAgentSilent(error)) return 'its agent does not answer';
  if (error.code === 'PERMISSION') return 'you may not ask its agent';
  return error.code === 'DEPENDENCY' ? 'no agent' : `its agent cannot be asked (${error.message})`;
}
