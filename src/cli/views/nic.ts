/** NICs as people and programs see them in reports. */
import { cutGuests, type HealthFacts } from '../../state/health.ts';
import { isInForce, isPluggedInto } from '../../state/leases.ts';
import { strandedNics, tapOf } from '../../state/membership.ts';
import { definitionOf, nicsOf, sourceOf, type Nic } from '../../state/nics.ts';
import type { Lease } from '../../records/lease.ts';
import type { DomainState, State, Unreadable } from '../../state/state.ts';
import type { Column } from '../command.ts';
import type { GlobalOptions } from '../global-options.ts';

/** The facts of a NIC that lists show; fields as in `--json`. */
export interface NicSummary {
  readonly domain: string;
  /** Undefined in the one row of a domain whose definition cannot be read. */
  readonly index: number | undefined;
  /** The device on the host, `vnet3`. */
  readonly interface: string | undefined;
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly portgroup: string | undefined;
  /** The bridge that its frames really go through now, from the kernel; otherwise the configured one. */
  readonly bridge: string | undefined;
  readonly model: string | undefined;
  readonly mac: string | undefined;
  readonly link: 'up' | 'down' | undefined;
  readonly addresses: readonly string[];
  readonly alias: string | undefined;
  /** Its source now, and at the next boot. */
  readonly live: string | undefined;
  readonly nextBoot: string | undefined;
  readonly problems: readonly string[];
}

/** Returns all NICs of a domain; `facts` if the kernel does not show who is cut off. */
export function summarizeNics(domain: DomainState, state: State, facts: HealthFacts = {}): NicSummary[] {
  const alone = { ...state, domains: [domain] };
  const cut = state.host ? [] : state.networks.flatMap((network) => cutGuests(network, alone, facts));
  const stranded = strandedNics(alone);
  return nicsOf(domain).map((nic) => {
    const summary = summarizeNic(nic, domain, state);
    const lost = [...stranded, ...cut].filter((guest) => guest.nic === nic.live).map(({ says }) => says);
    return { ...summary, problems: [...lost, ...summary.problems] };
  });
}

/** The row of a domain whose definition cannot be read. */
export function unreadableNics({ name, problem: reason }: Unreadable): NicSummary {
  return {
    domain: name,
    ...{ index: undefined, interface: undefined, type: undefined, source: undefined, portgroup: undefined },
    ...{ bridge: undefined, model: undefined, mac: undefined, link: undefined, alias: undefined },
    ...{ live: undefined, nextBoot: undefined, addresses: [] },
    problems: [`its definition cannot be read: ${reason}`],
  };
}

function summarizeNic(nic: Nic, domain: DomainState, state: State): NicSummary {
  const definition = definitionOf(nic);
  const plug = plugOf(nic, state);
  return {
    domain: domain.name,
    index: nic.index,
    interface: nic.live?.target?.dev,
    type: definition?.type,
    source: sourceOf(definition),
    portgroup: definition?.source?.portgroup,
    bridge: plug.bridge,
    model: definition?.model?.type,
    mac: nic.mac,
    link: definition?.link?.state === 'down' ? 'down' : 'up',
    addresses: nic.live ? leasesOf(nic, state).map(({ address }) => address) : [],
    alias: definition?.alias?.name,
    live: sourceOf(nic.live),
    nextBoot: sourceOf(nic.config),
    problems: [...plug.problems, ...(domain.active && domain.persistent ? driftOf(nic) : [])],
  };
}

/** Returns the bridge of a NIC: for an attached one from the kernel, if it can be read; otherwise the configured one. */
function plugOf(nic: Nic, { networks, host }: State): Pick<NicSummary, 'bridge' | 'problems'> {
  const source = definitionOf(nic)?.source;
  const network = networks.find(({ name }) => name === source?.network);
  const meant = network === undefined ? source?.bridge : network.bridge;
  const { live } = nic;
  const tap = live?.target?.dev;
  const isBridged = live?.type === 'network' || live?.type === 'bridge';
  if (!host || tap === undefined || !isBridged) return { bridge: meant, problems: [] };
  const link = tapOf(live, host);
  if (!link) return { bridge: undefined, problems: [`its tap ${tap} is gone`] };
  // The kernel's master of all ports of Open vSwitch, whatever their bridge.
  const bridge = link.master === 'ovs-system' ? meant : link.master;
  const isStranded = bridge === undefined && source?.network !== undefined && network?.active !== true;
  const isLost = meant !== undefined && bridge !== meant && !isStranded;
  return { bridge, problems: isLost ? [`lost its bridge ${meant}`] : [] };
}

/** Returns the leases of a NIC's network: leases of another network are from before it was moved. */
function leasesOf(nic: Nic, { networks }: State): readonly Lease[] {
  const now = Date.now() / 1000;
  const leases = networks.filter((network) => isPluggedInto(nic, network)).flatMap((network) => network.leases ?? []);
  return leases.filter((lease) => lease.mac === nic.mac && isInForce(lease, now));
}

/** Where the running guest and its next boot differ. */
function driftOf({ live, config }: Nic): string[] {
  if (!config) return ['not at the next boot'];
  if (!live) return ['only at the next boot'];
  if (sourceOf(live) !== sourceOf(config)) return [`at the next boot in ${sourceOf(config) ?? 'nothing'}`];
  const changes = [
    ['model', live.model?.type, config.model?.type],
    ['portgroup', live.source?.portgroup, config.source?.portgroup],
    ['filter', live.filterref?.filter, config.filterref?.filter],
    ['link', live.link?.state ?? 'up', config.link?.state ?? 'up'],
  ] as const;
  return changes
    .filter(([, now, next]) => now !== next)
    .map(([what, , next]) => `at the next boot with ${what} ${next ?? 'none'}`);
}

const cells = {
  domain: { heading: 'Domain', cell: ({ domain }) => domain },
  index: { heading: 'NIC', cell: ({ index }) => index },
  interface: { heading: 'Interface', cell: (nic) => nic.interface },
  type: { heading: 'Type', cell: ({ type }) => type, isSpare: true },
  source: { heading: 'Source', cell: ({ source }) => source },
  bridge: { heading: 'Bridge', cell: ({ bridge }) => bridge, isSpare: true },
  model: { heading: 'Model', cell: ({ model }) => model, isSpare: true },
  mac: { heading: 'MAC', cell: ({ mac }) => mac },
  link: { heading: 'Link', cell: ({ link }) => link, tone: ({ link }) => (link === 'down' ? 'bad' : undefined) },
  ip: { heading: 'IP', cell: ({ addresses }) => addresses.join(' ') },
  live: { heading: 'Live', cell: ({ live }) => live },
  nextBoot: { heading: 'Next boot', cell: ({ nextBoot }) => nextBoot },
  problem: { heading: 'Problem', cell: ({ problems }) => problems.join('; '), tone: () => 'bad' },
} satisfies Record<string, Column<NicSummary>>;

const { domain, index, interface: tap, type, source, bridge, model, mac, link, ip, live, nextBoot, problem } = cells;

export const domiflistColumns: readonly Column<NicSummary>[] = [
  domain,
  tap,
  type,
  source,
  bridge,
  model,
  mac,
  link,
  ip,
  problem,
];
export const nicsColumns: readonly Column<NicSummary>[] = [
  domain,
  index,
  tap,
  type,
  live,
  nextBoot,
  bridge,
  model,
  mac,
  link,
  ip,
  problem,
];

/** Omits columns that would be empty for people; programs, and users who name columns, get them all. */
export function columnsFor(
  columns: readonly Column<NicSummary>[],
  rows: readonly NicSummary[],
  { format, columns: chosen }: Pick<GlobalOptions, 'format' | 'columns'>,
): readonly Column<NicSummary>[] {
  if (format !== 'table' || chosen) return columns;
  return columns.filter((column) => column !== problem || rows.some(({ problems }) => problems.length > 0));
}
