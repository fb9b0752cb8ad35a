/** The addresses of a domain's NICs: what each source knows, merged, with the reason where nothing is known. */
import type { DriverAnswer, Neighbor } from '../records/guest-address.ts';
import { isHeldBy, isInForce, reservationsOf } from './leases.ts';
import { tapOf } from './membership.ts';
import { definitionOf, nicsOf, sourceOf, type Nic } from './nics.ts';
import type { DomainState, NetworkState, State } from './state.ts';

/**
 * The sources of an address, the most reliable first: `lease`: of dnsmasq; `agent`: the guest's own agent; `neighbour`: the host's kernel found
 * it by ARP; `reserved`: kept for the guest, which may not have asked for it yet.
 */
export type AddressSource = 'lease' | 'agent' | 'neighbour' | 'reserved';

const bestFirst: readonly AddressSource[] = ['lease', 'agent', 'neighbour', 'reserved'];

/** One address of a NIC, or why it has none; fields as in `--json`. */
export interface AddressView {
  readonly domain: string;
  /** The NIC's index. */
  readonly nic: number;
  readonly mac: string | undefined;
  /** The source that the NIC is attached to. */
  readonly network: string | undefined;
  readonly address: string | undefined;
  readonly family: 'ipv4' | 'ipv6' | undefined;
  /** The best of `sources`; `reserved` alone means that the guest does not have it, as far as is known. */
  readonly source: AddressSource | undefined;
  readonly sources: readonly AddressSource[];
  readonly hostname: string | undefined;
  /** When the lease ends, in seconds since the epoch; 0 for one without end. */
  readonly expires: number | undefined;
  /** How many seconds ago the host's kernel was last sure of it. */
  readonly seen: number | undefined;
  /** Why no address is known that the guest has; or what is wrong although one is known. */
  readonly reason: string | undefined;
}

/** Answers to queries other than libvirt's lists. */
export interface AddressFacts {
  /** Seconds since the epoch. */
  readonly now: number;
  /** Undefined where the host's kernel is out of sight. */
  readonly neighbors: readonly Neighbor[] | undefined;
  /** The answer of the driver, or of the guest's agent through it; or a text why it has none. */
  readonly driver: DriverAnswer;
}

type Known = Pick<AddressView, 'address' | 'family' | 'hostname' | 'expires' | 'seen'> & {
  readonly source: AddressSource;
};

/** Whether the guest has the address, as far as is known: a reservation alone is a promise. */
export function isHeld({ source }: Pick<AddressView, 'source'>): boolean {
  return source !== undefined && source !== 'reserved';
}

/** The addresses of all NICs of a domain; a NIC without any that it has gets a row with the reason. */
export function addressViews(domain: DomainState, state: State, facts: AddressFacts): readonly AddressView[] {
  return nicsOf(domain).flatMap((nic) => {
    const subject = { domain: domain.name, nic: nic.index, mac: nic.mac, network: sourceOf(definitionOf(nic)) };
    const known = merge(knownOf(nic, state, facts)).map((each) => ({ ...subject, ...each }));
    // A known address does not prove that the cable is connected.
    const reason = known.some(isHeld) ? plugProblem(nic, state) : reasonOf(nic, domain, state, facts);
    return (known.length > 0 ? known : [{ ...subject, ...nothing }]).map((each) => ({ ...each, reason }));
  });
}

const nothing = {
  address: undefined,
  family: undefined,
  source: undefined,
  sources: [],
  hostname: undefined,
  expires: undefined,
  seen: undefined,
} as const;

function knownOf(nic: Nic, state: State, facts: AddressFacts): readonly Known[] {
  const network = networkOf(nic, state);
  if (!nic.live) return reserved(nic, network);
  const told = [...leases(nic, network, facts), ...fromDriver(nic, facts)];
  return [
    ...told,
    ...seen(nic, state, facts).filter((each) => !isSuperseded(each, told, network)),
    ...reserved(nic, network),
  ];
}

/** The kernel keeps an address for minutes that the guest had before: where a lease in the same subnet is in force, that is the one it has. */
function isSuperseded({ address, family }: Known, told: readonly Known[], network: NetworkState | undefined): boolean {
  if (family !== 'ipv4' || told.some((each) => each.address === address)) return false;
  const prefixes = (network?.leases ?? []).filter((lease) => told.some((each) => each.address === lease.address));
  return prefixes.some((lease) => bitsOf(lease.address, lease.prefix) === bitsOf(address ?? '', lease.prefix));
}

/** The first bits of an IPv4 address. */
function bitsOf(address: string, prefix: number): string {
  const bits = address.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
  return bits.join('').slice(0, prefix);
}

function networkOf(nic: Nic, { networks }: State): NetworkState | undefined {
  const name = definitionOf(nic)?.source?.network;
  return networks.find((network) => network.name === name);
}

function leases(nic: Nic, network: NetworkState | undefined, { now }: AddressFacts): readonly Known[] {
  return (network?.leases ?? [])
    .filter((lease) => sameMac(lease.mac, nic.mac) && isInForce(lease, now))
    .map(({ address, family, hostname, expires }) => ({
      address,
      family,
      source: 'lease',
      hostname,
      expires,
      seen: undefined,
    }));
}

function fromDriver(nic: Nic, { driver }: AddressFacts): readonly Known[] {
  if ('silent' in driver) return [];
  const own = driver.interfaces.filter(({ mac }) => sameMac(mac, nic.mac));
  return own.flatMap(({ addresses }) => addresses.map((address) => plain(address, driver.source)));
}

/** Only on devices that the NIC can be behind: an entry on another network's bridge is of the time before the NIC moved. */
function seen(nic: Nic, { networks }: State, { neighbors }: AddressFacts): readonly Known[] {
  const { network, bridge: named } = nic.live?.source ?? {};
  const bridge = network === undefined ? named : networks.find(({ name }) => name === network)?.bridge;
  const others = new Set(networks.map((network) => network.bridge).filter((other) => other !== bridge));
  return (neighbors ?? [])
    .filter(({ mac, dev }) => sameMac(mac, nic.mac) && !others.has(dev))
    .map((neighbor) => ({ ...plain(neighbor, 'neighbour'), seen: neighbor.seen }));
}

function plain({ address, family }: Pick<Neighbor, 'address' | 'family'>, source: AddressSource): Known {
  return { address, family, source, hostname: undefined, expires: undefined, seen: undefined };
}

function reserved(nic: Nic, network: NetworkState | undefined): readonly Known[] {
  const clients = (network?.leases ?? []).filter((lease) => sameMac(lease.mac, nic.mac));
  const client = { mac: nic.mac, clientId: undefined, hostname: undefined };
  return reservationsOf(network?.network).flatMap(({ host }) => {
    const isMine = [client, ...clients].some((each) => isHeldBy(host, each));
    if (!isMine || host.ip === undefined) return [];
    const known = plain({ address: host.ip, family: host.ip.includes(':') ? 'ipv6' : 'ipv4' }, 'reserved');
    return [{ ...known, hostname: host.name }];
  });
}

/** Returns one row for each address, with all known facts. Omits link-local addresses: every NIC has one. */
function merge(all: readonly Known[]): readonly Omit<AddressView, 'domain' | 'nic' | 'mac' | 'network' | 'reason'>[] {
  const told = all.filter(({ address }) => !/^(fe[89ab]|127\.|::1$)/i.test(address ?? ''));
  const addresses = [...new Set(told.map(({ address }) => address))];
  return addresses.map((address) => {
    const same = told.filter((each) => each.address === address);
    const sources = bestFirst.filter((source) => same.some((each) => each.source === source));
    const first = <K extends keyof Known>(key: K): Known[K] | undefined =>
      same.find((each) => each[key] !== undefined)?.[key];
    return {
      address,
      family: first('family'),
      source: sources[0],
      sources,
      hostname: first('hostname'),
      expires: first('expires'),
      seen: first('seen'),
    };
  });
}

function sameMac(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && left.toLowerCase() === right?.toLowerCase();
}

/** Why no address is known: first what is broken, then the sources that had none. */
function reasonOf(nic: Nic, domain: DomainState, state: State, { neighbors, driver }: AddressFacts): string {
  if (!domain.active) return `${domain.name} is not running`;
  if (!nic.live) return 'attached at the next boot only';
  const broken = plugProblem(nic, state);
  if (broken !== undefined) return broken;
  const asked = [
    ...serverOf(nic, state),
    ...(neighbors ? ['no neighbor entry'] : []),
    'silent' in driver ? driver.silent : `the ${driver.source} reports none`,
  ];
  return asked.join(', ');
}

/** Why no frame of a running guest's NIC reaches its network; undefined if nothing is known to be wrong. */
export function plugProblem(nic: Nic, state: State): string | undefined {
  const { live } = nic;
  if (live?.link?.state === 'down') return 'link is down';
  const name = live?.source?.network;
  const network = networkOf(nic, state);
  if (name !== undefined && !network) return `network ${name} does not exist`;
  if (network && !network.active) return `network ${network.name} is not active`;
  const tap = live?.target?.dev;
  const bridge = live?.type === 'direct' ? undefined : (network?.bridge ?? live?.source?.bridge);
  if (!state.host || tap === undefined || bridge === undefined) return undefined;
  const link = live && tapOf(live, state.host);
  if (!link) return `its tap ${tap} is gone`;
  return link.master === bridge || link.master === 'ovs-system' ? undefined : `lost its bridge ${bridge}`;
}

/** Returns the network's information on the NIC: only networks of libvirt serve DHCP. */
function serverOf(nic: Nic, state: State): readonly string[] {
  if (nic.live?.type === 'direct') return ['macvtap: the host sees no frame of it'];
  const network = networkOf(nic, state);
  if (!network) return ['no lease from libvirt: it is attached to a bridge'];
  const serves = network.network.ips.some(({ dhcp }) => (dhcp?.ranges.length ?? 0) + (dhcp?.hosts.length ?? 0) > 0);
  if (!serves) return [`network ${network.name} has no DHCP of libvirt's`];
  return [network.leases === undefined ? `the leases of network ${network.name} cannot be read` : 'no lease yet'];
}
