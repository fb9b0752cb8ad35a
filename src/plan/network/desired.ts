/** Returns the definition that `net set` requests: the present one with the options of `net create` applied, and nothing else changed. */
import { KvmnetError } from '../../errors.ts';
import type { NetworkState, State } from '../../state/state.ts';
import type { Network } from '../../xml/network.ts';
import { acceptedAddress, addressesOf } from '../../state/network-address.ts';
import { networkFromOptions } from './from-options.ts';
import { isVirtual, kindOf, type VirtualKind } from '../../state/network-kind.ts';
import type { NetworkOptions, SubnetChoice } from './options.ts';
import { formatIp, parseIp, type Family } from '../../values/address.ts';
import { formatReservation, type Reservation } from '../../values/reservation.ts';
import { formatSubnet } from '../../values/subnet.ts';

/** A definition in use and the one at the next start, as they are wanted; undefined where a network has no such. */
export interface WantedNetwork {
  readonly live: Network | undefined;
  readonly config: Network | undefined;
}

/**
 * Both definitions of a network with the options applied to each: what they differ in already stays.
 * @param globalId the random 40 bits of `--ipv6 auto`, as ten hexadecimal digits
 * @throws USAGE, INPUT, CONFLICT, DEPENDENCY as networkFromOptions
 */
export function wantedNetwork(
  existing: NetworkState,
  options: NetworkOptions,
  state: State,
  globalId: string,
): WantedNetwork {
  const apply = (network: Network): Network => applyOptions(network, options, state, globalId);
  return {
    live: existing.active ? apply(existing.network) : undefined,
    config: existing.inactive && apply(existing.inactive),
  };
}

function applyOptions(network: Network, given: NetworkOptions, state: State, globalId: string): Network {
  const { base, options } = prepare(network, given);
  const random = { mac: base.mac?.address ?? '52:54:00:00:00:00', globalId };
  const made = networkFromOptions({ name: network.name, options, base, state, random });
  // A virtual network has a MAC address as soon as it is defined; libvirt gives it one where kvmnet knows none.
  const mac = network.mac === undefined && options.mac === undefined ? undefined : made.mac;
  return { ...made, mac, uuid: network.uuid, forward: forwardAsBefore(made, base, options) };
}

/** net create has libvirt translate unique local addresses too: that is for new subnets only. */
function forwardAsBefore({ forward }: Network, base: Network, options: NetworkOptions): Network['forward'] {
  const hasNewSubnet = options.ipv6 !== undefined || virtualKinds.some((kind) => options[kind] !== undefined);
  if (forward?.nat === undefined || hasNewSubnet) return forward;
  const nat = { ...forward.nat, ipv6: base.forward?.nat?.ipv6 };
  return { ...forward, nat: Object.values(nat).some((value) => value !== undefined) ? nat : undefined };
}

interface Prepared {
  readonly base: Network;
  readonly options: NetworkOptions;
}

/** Removes options that already match, and removes from the base what the others replace: repeated, the options change nothing. */
function prepare(network: Network, given: NetworkOptions): Prepared {
  const steps = [keepSubnet, keepIpv6, keepGateway, replaceReservations, replaceForwarders, enableDns];
  return steps.reduce<Prepared>((prepared, step) => step(prepared), { base: network, options: given });
}

const virtualKinds = ['nat', 'route', 'open', 'isolated'] as const satisfies readonly VirtualKind[];

/** KIND with the subnet that the network has, or with `auto`, changes the kind alone: gateway, ranges and reservations stay. */
function keepSubnet({ base, options }: Prepared): Prepared {
  const kind = virtualKinds.find((each) => options[each] !== undefined);
  const value = kind && options[kind];
  if (kind === undefined || value === undefined || value === true || !isVirtual(kindOf(base))) return { base, options };
  if (!hasSubnet(base, value, 'ipv4')) return { base, options };
  const same = kindOf(base) === kind ? base : { ...base, forward: forwardOf(kind, base) };
  return { base: same, options: { ...options, [kind]: undefined } };
}

function forwardOf(kind: VirtualKind, { forward }: Network): Network['forward'] {
  if (kind === 'isolated') return undefined;
  const leaving = kind === 'open' ? {} : { dev: forward?.dev };
  return { mode: kind, interfaces: kind === 'open' ? [] : (forward?.interfaces ?? []), addresses: [], ...leaving };
}

function keepIpv6({ base, options }: Prepared): Prepared {
  const { ipv6, ...rest } = options;
  return ipv6 !== undefined && hasSubnet(base, ipv6, 'ipv6') ? { base, options: rest } : { base, options };
}

function hasSubnet(base: Network, wanted: SubnetChoice, family: Family): boolean {
  const subnets = addressesOf(base).map(({ subnet }) => subnet);
  if (wanted === 'auto') return subnets.some((subnet) => subnet.family === family);
  return subnets.some((subnet) => formatSubnet(subnet) === formatSubnet(wanted));
}

/** A new gateway leaves the ranges that do not contain it, as they are. */
function keepGateway({ base, options }: Prepared): Prepared {
  const { gateway, ...rest } = options;
  const { dhcp = [] } = rest;
  if (gateway === undefined || virtualKinds.some((kind) => options[kind] !== undefined)) return { base, options };
  const at = base.ips.find((each) => acceptedAddress(each)?.ip.family === gateway.family);
  const now = at && acceptedAddress(at);
  if (now?.ip.value === gateway.value) return { base, options: rest };
  const ranges = (at?.dhcp?.ranges ?? []).map(({ start, end }) => ({
    start: parseIp(start, 'start'),
    end: parseIp(end, 'end'),
  }));
  const isFree = ranges.every(({ start, end }) => gateway.value < start.value || gateway.value > end.value);
  if (dhcp.length > 0 || options.noDhcp === true || !isFree || ranges.length === 0) return { base, options };
  return { base, options: { ...options, dhcp: ranges } };
}

type Host = NonNullable<Network['ips'][number]['dhcp']>['hosts'][number];

/** A guest's new reservation takes the place of its old one, whose name it keeps; an address that another guest has reserved is refused. */
function replaceReservations({ base, options }: Prepared): Prepared {
  const hosts = base.ips.flatMap(({ dhcp }) => dhcp?.hosts ?? []);
  const asked = (options.reserve ?? []).map((reservation) => {
    const old = hosts.find((host) => identify(host) === identify(reservation));
    return { reservation, address: formatIp(reservation.ip), old };
  });
  for (const { reservation, address, old } of asked) {
    const holder = hosts.find(
      (host) => host !== old && host.ip === address && !asked.some((other) => other.old === host),
    );
    if (holder !== undefined) throw takenBy(holder, reservation);
  }
  const news = asked.filter(
    ({ old, address, reservation: { name } }) => old?.ip !== address || (name !== undefined && name !== old.name),
  );
  const replaced = new Set(news.map(({ old }) => old));
  const ips = base.ips.map((ip) =>
    ip.dhcp === undefined
      ? ip
      : { ...ip, dhcp: { ...ip.dhcp, hosts: ip.dhcp.hosts.filter((host) => !replaced.has(host)) } },
  );
  const named = news.map(({ reservation, old }) =>
    reservation.name === undefined && old?.name !== undefined ? { ...reservation, name: old.name } : reservation,
  );
  return { base: { ...base, ips }, options: { ...options, reserve: named } };
}

function identify({ mac, id, name }: Pick<Host, 'mac' | 'id' | 'name'> | Reservation): string {
  return (mac ?? id ?? `name ${name ?? ''}`).toLowerCase();
}

function takenBy({ ip, mac, id, name }: Host, reservation: Reservation): KvmnetError {
  const holder = [name, mac ?? id].filter((word) => word !== undefined).join(', ');
  return new KvmnetError(
    'CONFLICT',
    `--reserve ${formatReservation(reservation)}: ${ip ?? ''} is reserved for ${holder}`,
    {
      hint: 'choose another address, or remove that reservation first: kvmnet net release',
    },
  );
}

/** An existing forwarder is not added again. */
function replaceForwarders({ base, options }: Prepared): Prepared {
  const { forwarder = [] } = options;
  const there = new Set(
    (base.dns?.forwarders ?? []).filter(({ domain }) => domain === undefined).map(({ addr }) => addr),
  );
  return { base, options: { ...options, forwarder: forwarder.filter((ip) => !there.has(formatIp(ip))) } };
}

/** `--dns` and `--forwarder` turn the DNS of a network on that had it off. */
function enableDns({ base, options }: Prepared): Prepared {
  const wanted = (options.dns?.length ?? 0) + (options.forwarder?.length ?? 0) > 0;
  if (!wanted || base.dns?.enable !== false) return { base, options };
  return { base: { ...base, dns: { ...base.dns, enable: undefined } }, options };
}
