import { KvmnetError } from '../errors.ts';
import type { State } from '../state/state.ts';
import { everyHolding, holders } from './subnet-holder.ts';
import { overlap, type Subnet } from './values/subnet.ts';

/**
 * A /24 that nobody has, neither a network, active or not, nor the host on any of its links or routes: 192.168.100.0/24 to 192.168.254.0/24,
 * then those of 10.0.0.0/8.
 * @throws CONFLICT where all are taken
 */
export function freeIpv4Subnet(state: State): Subnet {
  return firstFree(state, ipv4Candidates());
}

/**
 * A /64 of a unique local prefix (RFC 4193) that nobody has.
 * @param globalId the 40 random bits of the prefix, as ten hexadecimal digits
 */
export function freeIpv6Subnet(state: State, globalId: string): Subnet {
  return firstFree(state, ipv6Candidates(BigInt(`0xfd${globalId}`)));
}

/** The first `virbrN` that neither a network nor a link of the host has. */
export function freeBridgeName({ networks, host }: State): string {
  const taken = new Set(host?.links.map(({ name }) => name));
  for (const { bridge, network, inactive } of networks) {
    for (const name of [bridge, network.bridge?.name, inactive?.bridge?.name]) if (name !== undefined) taken.add(name);
  }
  let number = 0;
  while (taken.has(`virbr${number}`)) number += 1;
  return `virbr${number}`;
}

function firstFree(state: State, candidates: Iterable<Subnet>): Subnet {
  const taken = holders(everyHolding(state));
  for (const candidate of candidates) if (!taken.some(({ subnet }) => overlap(subnet, candidate))) return candidate;
  throw new KvmnetError(
    'CONFLICT',
    'no free subnet is left: networks, addresses and routes of the host overlap them all',
    {
      hint: 'name one yourself, for example --nat 172.20.0.0/24; kvmnet net list shows what is taken',
    },
  );
}

function* ipv4Candidates(): Generator<Subnet> {
  for (let third = 100n; third < 255n; third += 1n)
    yield { family: 'ipv4', first: 0xc0a80000n + (third << 8n), prefix: 24 };
  for (let middle = 0n; middle < 65_536n; middle += 1n)
    yield { family: 'ipv4', first: 0x0a000000n + (middle << 8n), prefix: 24 };
}

function* ipv6Candidates(site: bigint): Generator<Subnet> {
  for (let id = 0n; id < 65_536n; id += 1n) yield { family: 'ipv6', first: ((site << 16n) + id) << 64n, prefix: 64 };
}
