/** NICs as people and programs see them in reports. */
import { definitionOf, nicsOf, sourceOf, type Nic } from '../../state/nics.ts';
import type { DomainState, Lease, State } from '../../state/state.ts';
import type { Column } from '../command.ts';

/** The facts of a NIC that lists show; the names are those of `--json`. */
export interface NicSummary {
  readonly domain: string;
  readonly index: number;
  /** The device on the host, `vnet3`. */
  readonly interface: string | undefined;
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly portgroup: string | undefined;
  /** The bridge that its frames really go through now, as the kernel says; else the one libvirt means. */
  readonly bridge: string | undefined;
  readonly model: string | undefined;
  readonly mac: string | undefined;
  readonly link: 'up' | 'down';
  readonly addresses: readonly string[];
  readonly alias: string | undefined;
  /** What it is plugged into now, and at the next boot. */
  readonly live: string | undefined;
  readonly nextBoot: string | undefined;
  readonly problems: readonly string[];
}

/** All NICs of a domain. */
export function summarizeNics(domain: DomainState, state: State): NicSummary[] {
  return nicsOf(domain).map((nic) => summarizeNic(nic, domain, state));
}

function summarizeNic(nic: Nic, domain: DomainState, state: State): NicSummary {
  const definition = definitionOf(nic);
  const tap = nic.live?.target?.dev;
  const master = state.host?.links.find(({ name }) => name === tap)?.master;
  const meant = meantBridge(nic, state);
  return {
    domain: domain.name,
    index: nic.index,
    interface: tap,
    type: definition?.type,
    source: sourceOf(definition),
    portgroup: definition?.source?.portgroup,
    bridge: master ?? meant,
    model: definition?.model?.type,
    mac: nic.mac,
    link: definition?.link?.state === 'down' ? 'down' : 'up',
    addresses: addressesOf(nic, state),
    alias: definition?.alias?.name,
    live: sourceOf(nic.live),
    nextBoot: sourceOf(nic.config),
    problems: problemsOf(nic, domain, state, { tap, master, meant }),
  };
}

function meantBridge(nic: Nic, { networks }: State): string | undefined {
  const source = definitionOf(nic)?.source;
  return source?.bridge ?? networks.find(({ name }) => name === source?.network)?.bridge;
}

/** The leases of the network that it is plugged into: one of another network is of the time before it moved. */
function addressesOf(nic: Nic, { networks }: State): string[] {
  const leases = networks.find(({ name }) => name === definitionOf(nic)?.source?.network)?.leases ?? [];
  return leases.filter((lease) => lease.mac === nic.mac && isInForce(lease)).map(({ address }) => address);
}

/** libvirt lists what dnsmasq has not thrown away yet. */
function isInForce({ expires }: Lease): boolean {
  return expires === 0 || expires * 1000 > Date.now();
}

function problemsOf(
  nic: Nic,
  domain: DomainState,
  state: State,
  { tap, master, meant }: { tap: string | undefined; master: string | undefined; meant: string | undefined },
): string[] {
  const problems: string[] = [];
  const bridged = nic.live?.type === 'network' || nic.live?.type === 'bridge';
  if (state.host && bridged && tap !== undefined && meant !== undefined && master !== meant) {
    const there = state.host.links.some(({ name }) => name === tap);
    problems.push(there ? `lost its bridge ${meant}` : `its tap ${tap} is gone`);
  }
  if (domain.active && domain.persistent) problems.push(...driftOf(nic));
  return problems;
}

/** Where the running guest and its next boot differ. */
function driftOf({ live, config }: Nic): string[] {
  if (!config) return ['not at the next boot'];
  if (!live) return ['only at the next boot'];
  if (sourceOf(live) !== sourceOf(config)) return [`at the next boot in ${sourceOf(config) ?? 'nothing'}`];
  if (live.model?.type !== config.model?.type) return [`at the next boot of model ${config.model?.type ?? 'none'}`];
  const isDown = (nic: typeof live): boolean => nic.link?.state === 'down';
  return isDown(live) === isDown(config) ? [] : [`at the next boot with its link ${isDown(config) ? 'down' : 'up'}`];
}

const cells = {
  domain: { heading: 'Domain', cell: ({ domain }) => domain },
  index: { heading: 'NIC', cell: ({ index }) => index },
  interface: { heading: 'Interface', cell: (nic) => nic.interface },
  type: { heading: 'Type', cell: ({ type }) => type },
  source: { heading: 'Source', cell: ({ source }) => source },
  bridge: { heading: 'Bridge', cell: ({ bridge }) => bridge },
  model: { heading: 'Model', cell: ({ model }) => model },
  mac: { heading: 'MAC', cell: ({ mac }) => mac },
  link: { heading: 'Link', cell: ({ link }) => link },
  ip: { heading: 'IP', cell: ({ addresses }) => addresses.join(' ') },
  live: { heading: 'Live', cell: ({ live }) => live },
  nextBoot: { heading: 'Next boot', cell: ({ nextBoot }) => nextBoot },
  problem: { heading: 'Problem', cell: ({ problems }) => problems.join('; ') },
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

/** Without the column of problems when there are none. */
export function columnsFor(
  columns: readonly Column<NicSummary>[],
  rows: readonly NicSummary[],
): readonly Column<NicSummary>[] {
  return columns.filter((column) => column !== problem || rows.some(({ problems }) => problems.length > 0));
}
