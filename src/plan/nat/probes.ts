/** The connections by which forwards are checked: from outside, from the host itself, and from the network of the target. */
import type { Cable } from '../../records/cable.ts';
import type { Forward } from '../../records/nat.ts';
import type { WholeHost } from '../../state/state.ts';
import { formatIp, parseIp, sameIp, type Ip } from '../../values/address.ts';
import { outsideCable } from '../../values/host-address.ts';
import { parseSubnet, usable } from '../../values/subnet.ts';

export const origins = ['outside', 'host', 'network'] as const;
export type Origin = (typeof origins)[number];

/** One connection to try. */
export interface Probe {
  readonly forward: Forward;
  readonly from: Origin;
  /** The address and port of the host to connect to. */
  readonly address: string;
  readonly port: number;
}

/** A connection that cannot be tried, and why. */
export interface Omitted {
  readonly forward: Forward;
  readonly from: Origin;
  readonly reason: string;
}

/** Returns the probes of a forward, each with the first of its ports. */
export function probesOf(forward: Forward, host: WholeHost): readonly (Probe | Omitted)[] {
  return origins.map((from) => {
    const address = addressFor(from, forward, host);
    return typeof address === 'string'
      ? { forward, from, address, port: forward.ports[0] }
      : { forward, from, reason: address.reason };
  });
}

function addressFor(from: Origin, forward: Forward, host: WholeHost): string | { readonly reason: string } {
  const { family, listen, dev, target } = forward;
  if (dev !== undefined) return { reason: `it applies only to what arrives at ${dev}: try it from there` };
  const [first] = listen;
  if (first !== undefined) {
    const isLocal = host.links.some(({ addresses }) => addresses.some(({ address }) => address === first));
    return isLocal || from !== 'host' ? first : { reason: `this host does not have the address ${first}` };
  }
  if (from === 'outside') return outsideCable[family].host;
  if (from === 'host' && family === 'ipv4') return '127.0.0.1';
  const own = host.links
    .find(({ name }) => name === target.dev)
    ?.addresses.find((each) => each.family === family && each.scope !== 'link')?.address;
  return own ?? { reason: `${target.dev} has no address` };
}

/** A cable to a temporary namespace, and the forwards that are tried over it. */
interface CableFor {
  /** Undefined: the host itself. */
  readonly cable: Cable | undefined;
  readonly serves: (forward: Forward) => boolean;
}

/** Returns the cables for each origin: one outside, and one for each network that forwards lead to. */
export function cablesFor(
  forwards: readonly Forward[],
  host: WholeHost,
  inUse: readonly Ip[],
): Readonly<Record<Origin, readonly CableFor[]>> {
  const ends = Object.values(outsideCable);
  const outside: Cable = {
    host: ends.map((end) => `${end.host}/${String(end.prefix)}`),
    inside: ends.map((end) => `${end.outside}/${String(end.prefix)}`),
    gateways: ends.map((end) => end.host),
  };
  const subnets = new Map(forwards.map((forward) => [forward.target.subnet, forward]));
  return {
    outside: [{ cable: outside, serves: () => true }],
    host: [{ cable: undefined, serves: () => true }],
    network: [...subnets].flatMap(([subnet, forward]) => {
      const address = guestAddress(forward, inUse);
      const { dev } = forward.target;
      const bridge = host.links.find(({ name, kind }) => name === dev && kind === 'bridge');
      const gateway = bridge?.addresses.find(
        (each) => each.family === forward.family && each.scope !== 'link',
      )?.address;
      if (address === undefined || bridge === undefined || gateway === undefined) return [];
      const inside = [`${address}/${String(parseSubnet(subnet, 'subnet').prefix)}`];
      const cable = { host: [], bridge: dev, inside, gateways: [gateway] };
      return [{ cable, serves: ({ target }: Forward) => target.subnet === subnet }];
    }),
  };
}

/**
 * Returns an address for a temporary guest, from the end of the target's subnet.
 * @param inUse addresses that others have
 */
function guestAddress({ target }: Forward, inUse: readonly Ip[]): string | undefined {
  const { start, end } = usable(parseSubnet(target.subnet, 'subnet'));
  const taken = [...inUse, parseIp(target.address, 'address')];
  for (let { value } = end; value > start.value && end.value - value < BigInt(taken.length + 1); value -= 1n) {
    const ip = { family: end.family, value };
    if (!taken.some((each) => sameIp(each, ip))) return formatIp(ip);
  }
  return undefined;
}
