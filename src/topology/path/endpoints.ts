/** The ends of a path, as a user names them. */
import { KvmnetError } from '../../errors.ts';
import type { Neighbor } from '../../records/guest-address.ts';
import type { Link } from '../../records/link.ts';
import { addressViews, isHeld, plugProblem } from '../../state/addresses.ts';
import { findDomain } from '../../state/find-domain.ts';
import { ipsOf } from '../../state/free-address.ts';
import { isInForce, nicsByMac, type NicOf } from '../../state/leases.ts';
import { definitionOf, findNic, nicsOf, type Nic } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import { formatIp, isIp, parseIp, sameIp, type Ip } from '../../values/address.ts';
import { suggestion } from '../../values/nearest.ts';
import { deviceOf, type Wiring } from './wiring.ts';

interface Common {
  /** As sentences call it. */
  readonly name: string;
  /** The addresses that it is known to have. */
  readonly addresses: readonly Ip[];
}

/** A guest's NIC, or a network namespace: what is at the other end of a device of the host. */
export interface Station extends Common {
  readonly kind: 'guest' | 'namespace';
  readonly guest?: NicOf;
  /** Undefined: it has none on the host. */
  readonly device: Link | undefined;
  /** Why no frame gets through between it and the host. */
  readonly problem?: string | undefined;
  /** Why nothing is known about its frames. */
  readonly obscure?: string | undefined;
}

export interface HostEnd extends Common {
  readonly kind: 'host';
}

/** An address beyond the devices of the host, or any. */
export interface Remote extends Common {
  readonly kind: 'remote';
  readonly isAny: boolean;
}

export type Endpoint = Station | HostEnd | Remote;

export interface EndpointFacts {
  /** Seconds since the epoch. */
  readonly now: number;
  readonly neighbors: readonly Neighbor[] | undefined;
}

/** Any address behind the default route: of RFC 5737, which no host has. */
const anywhere = parseIp('198.51.100.77');

/**
 * The ends that a text names: of a guest, each of its NICs.
 * @throws NOTFOUND with the nearest names, and what findNic throws
 */
export function findEndpoints(
  text: string,
  state: State,
  wiring: Wiring,
  facts: EndpointFacts,
): readonly [Endpoint, ...Endpoint[]] {
  if (text === 'host') return [{ kind: 'host', name: 'the host', addresses: [] }];
  if (text === 'outside') return [{ kind: 'remote', name: 'the outside', addresses: [anywhere], isAny: true }];
  if (isIp(text)) return [atAddress(parseIp(text), state, wiring, facts)];
  const named = guestNamed(text, state);
  if (named) {
    const nics = named.selector === undefined ? nicsOf(named.domain) : [findNic(named.domain, named.selector)];
    const [first, ...others] = liveFirst(nics).map((nic) =>
      stationOf({ domain: named.domain, nic }, state, wiring, facts),
    );
    if (first === undefined) throw new KvmnetError('NOTFOUND', `${named.domain.name} has no NICs`);
    return [first, ...others];
  }
  const [cable, ...others] = [...wiring.links.values()].filter(({ netns }) => netns === text).map(namespaceAt);
  if (cable !== undefined) return [cable, ...others];
  return noGuest(text, state, wiring);
}

/** NICs that only the next boot has carry nothing now. */
function liveFirst(nics: readonly Nic[]): readonly Nic[] {
  const live = nics.filter((nic) => nic.live !== undefined);
  return live.length > 0 ? live : nics;
}

interface Named {
  readonly domain: DomainState;
  readonly selector: string | undefined;
}

/** `VM1`, `VM1:0`, `VM1:52:54:00:00:00:01`: a name may have colons, too. */
function guestNamed(text: string, { domains }: State): Named | undefined {
  const byName = new Map(domains.map((domain) => [domain.name, domain]));
  const whole = byName.get(text) ?? domains.find(({ uuid, id }) => uuid === text.toLowerCase() || String(id) === text);
  if (whole) return { domain: whole, selector: undefined };
  for (let end = text.lastIndexOf(':'); end > 0; end = text.lastIndexOf(':', end - 1)) {
    const domain = byName.get(text.slice(0, end));
    if (domain) return { domain, selector: text.slice(end + 1) };
  }
  return undefined;
}

/** @throws NOTFOUND with the nearest names */
function noGuest(text: string, state: State, { links }: Wiring): never {
  const [name = ''] = text.split(':');
  const namespaces = [...links.values()].flatMap(({ netns }) => netns ?? []);
  const names = ['host', 'outside', ...state.domains.map((domain) => domain.name), ...namespaces];
  const otherwise =
    'name a VM, VM:NIC, a network namespace, host, outside or an IP address; kvmnet topology shows them';
  // Throws the reason where the definition of the domain cannot be read.
  if (state.unreadable?.some((each) => each.object === 'domain' && each.name === name)) findDomain(state, name);
  throw new KvmnetError('NOTFOUND', `no VM or network namespace ${JSON.stringify(text)}`, {
    hint: suggestion(name, names, otherwise),
  });
}

function namespaceAt(device: Link): Station {
  return { kind: 'namespace', name: `namespace ${device.netns ?? ''}`, addresses: [], device };
}

export function stationOf(guest: NicOf, state: State, wiring: Wiring, facts?: EndpointFacts): Station {
  const { domain, nic } = guest;
  const device = deviceOf(nic, wiring.links);
  return {
    ...{ kind: 'guest', name: domain.name, guest, device },
    addresses: facts === undefined ? [] : addressesOf(guest, state, facts),
    problem: problemOf(guest, device, wiring),
    obscure: obscurityOf(nic),
  };
}

function addressesOf({ domain, nic }: NicOf, state: State, facts: EndpointFacts): readonly Ip[] {
  const views = addressViews(domain, state, { ...facts, driver: { silent: '' } });
  const known = views.filter((view) => view.nic === nic.index && isHeld(view)).flatMap(({ address }) => ipsOf(address));
  const defined = (definitionOf(nic)?.ips ?? []).flatMap(({ address }) => ipsOf(address));
  return [...known, ...defined.filter((ip) => !known.some((other) => sameIp(ip, other)))];
}

function problemOf({ domain, nic }: NicOf, device: Link | undefined, wiring: Wiring): string | undefined {
  if (!domain.active) return `${domain.name} is not running`;
  if (nic.live === undefined) return `${domain.name} gets the NIC ${nic.mac ?? String(nic.index)} at its next boot`;
  const network = wiring.networks.get(nic.live.source?.network ?? '');
  const links = device === undefined ? [] : [device];
  const problem = plugProblem(nic, {
    ...{ networks: network === undefined ? [] : [network], domains: [], connection: noConnection },
    host: wiring.isAssumed ? undefined : { links, routes: undefined },
  });
  if (problem === undefined) {
    const isGone = device === undefined && obscurityOf(nic) === undefined;
    return isGone ? `the NIC ${nic.mac ?? String(nic.index)} of ${domain.name} has no device on the host` : undefined;
  }
  return problem.startsWith('network ')
    ? problem
    : `the NIC ${nic.mac ?? String(nic.index)} of ${domain.name}: ${problem}`;
}

const noConnection = { uri: '', hypervisor: '', libvirtVersion: 0 };

const notOnTheHost: Readonly<Record<string, string>> = {
  hostdev: 'is a device of the host that the guest drives itself: the host does not see its frames',
  user: 'is connected by a program without devices of the host (user mode): only the guest can open connections',
  vhostuser: 'is connected to a switch outside the kernel (vhost-user)',
  vdpa: 'is a vDPA device: the host does not see its frames',
};

/** Why nothing is known about the frames of a NIC. */
function obscurityOf(nic: Nic): string | undefined {
  const definition = definitionOf(nic);
  const reason = notOnTheHost[definition?.type ?? ''];
  return reason && `its NIC ${nic.mac ?? String(nic.index)} ${reason}`;
}

/** Who has an address: a guest, the host itself, or an unknown device. */
function atAddress(ip: Ip, state: State, wiring: Wiring, facts: EndpointFacts): Endpoint {
  const name = formatIp(ip);
  const own = [...wiring.links.values()].some(({ addresses }) => addresses.some(({ address }) => isSame(address, ip)));
  if (own) return { kind: 'host', name: `the host (${name})`, addresses: [ip] };
  const guest = holderOf(ip, state, facts);
  if (guest === undefined) return { kind: 'remote', name, addresses: [ip], isAny: false };
  const station = stationOf(guest, state, wiring);
  return { ...station, name: `${station.name} (${name})`, addresses: [ip] };
}

function isSame(address: string, ip: Ip): boolean {
  return ipsOf(address).some((other) => sameIp(other, ip));
}

function holderOf(ip: Ip, state: State, { now, neighbors }: EndpointFacts): NicOf | undefined {
  const byMac = nicsByMac(state);
  const leases = state.networks.flatMap((network) => network.leases ?? []).filter((lease) => isInForce(lease, now));
  for (const { address, mac } of [...leases, ...(neighbors ?? [])]) {
    const holder = mac === undefined || !isSame(address, ip) ? undefined : byMac.get(mac.toLowerCase());
    if (holder) return holder;
  }
  return [...byMac.values()].find(({ nic }) => definitionOf(nic)?.ips.some(({ address }) => isSame(address ?? '', ip)));
}
