import { KvmnetError } from '../../errors.ts';
import { bridgesHeld } from '../../state/membership.ts';
import type { CheckState } from './check/subject.ts';
import type { State } from '../../state/state.ts';
import type { Network } from '../../xml/network.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import { everyHolding, holders } from '../../state/subnet-holder.ts';
import { width } from '../../values/address.ts';
import { overlap, type Subnet } from '../../values/subnet.ts';

/**
 * Finds a /24 that neither a network, active or not, nor a link or route of the host uses: 192.168.100.0/24 to 192.168.254.0/24,
 * then the subnets of 10.0.0.0/8.
 * @throws CONFLICT if all are in use
 */
export function freeIpv4Subnet(state: State): Subnet {
  return firstFree(state, ipv4Candidates(24));
}

/**
 * Finds an unused /64 of a unique local prefix (RFC 4193).
 * @param globalId the 40 random bits of the prefix, as ten hexadecimal digits
 */
export function freeIpv6Subnet(state: State, globalId: string): Subnet {
  return firstFree(state, ipv6Candidates(siteOf(globalId), 64));
}

/**
 * Finds an unused subnet of the family and size of another, like the two above.
 * @param besides subnets that were already chosen but are not in use yet
 * @throws CONFLICT if all are in use
 */
export function freeSubnetLike(
  { family, prefix }: Pick<Subnet, 'family' | 'prefix'>,
  state: State,
  globalId: string,
  besides: readonly Subnet[],
): Subnet {
  const candidates = family === 'ipv4' ? ipv4Candidates(prefix) : ipv6Candidates(siteOf(globalId), prefix);
  return firstFree(state, candidates, besides);
}

/**
 * The first `virbrN` that neither a network nor a link of the host has, nor a running guest's definition: libvirt makes the guest a port of a
 * bridge of that name when its daemon starts, whosever bridge it is.
 */
export function freeBridgeName({ networks, host, domains }: CheckState): string {
  const taken = new Set([
    ...(host?.links.map(({ name }) => name) ?? []),
    ...(domains ? bridgesHeld({ domains }).keys() : []),
  ]);
  for (const { bridge, network, inactive } of networks) {
    for (const name of [bridge, network.bridge?.name, inactive?.bridge?.name]) if (name !== undefined) taken.add(name);
  }
  let number = 0;
  while (taken.has(`virbr${number}`)) number += 1;
  return `virbr${number}`;
}

/** The definition with a free bridge name where libvirt would choose one, and choose one that a running guest's definition names. */
export function withFreeBridge(network: Network, state: CheckState): Network {
  if (network.bridge?.name !== undefined || !isVirtual(kindOf(network))) return network;
  const name = freeBridgeName(state);
  return name === freeBridgeName({ ...state, domains: [] })
    ? network
    : { ...network, bridge: { ...network.bridge, name } };
}

function siteOf(globalId: string): bigint {
  return BigInt(`0xfd${globalId}`);
}

function firstFree(state: State, candidates: Iterable<Subnet>, besides: readonly Subnet[] = []): Subnet {
  const taken = [...holders(everyHolding(state)).map(({ subnet }) => subnet), ...besides];
  for (const candidate of candidates) if (!taken.some((subnet) => overlap(subnet, candidate))) return candidate;
  throw new KvmnetError(
    'CONFLICT',
    'no free subnet is left: networks, addresses and routes of the host overlap them all',
    {
      hint: 'name one yourself, for example --nat 172.20.0.0/24; kvmnet net list shows what is taken',
    },
  );
}

/** 192.168.100.0 to 192.168.254.255, then 10.0.0.0/8. */
function* ipv4Candidates(prefix: number): Generator<Subnet> {
  yield* inRange('ipv4', prefix, 0xc0a86400n, 0xc0a8feffn);
  yield* inRange('ipv4', prefix, 0x0a000000n, 0x0affffffn);
}

function* ipv6Candidates(site: bigint, prefix: number): Generator<Subnet> {
  yield* inRange('ipv6', prefix, site << 80n, ((site + 1n) << 80n) - 1n);
}

/** The subnets between two addresses; of IPv6, where links have a /64 each, no two in one. */
function* inRange(family: Subnet['family'], prefix: number, from: bigint, to: bigint): Generator<Subnet> {
  const step = 1n << BigInt(width[family] - (family === 'ipv6' ? Math.min(prefix, 64) : prefix));
  const start = ((from + step - 1n) / step) * step;
  for (let first = start; first + step - 1n <= to; first += step) yield { family, first, prefix };
}
