/** A plan that makes reservations of the leases that guests have. */
import { KvmnetError } from '../../errors.ts';
import { findDomain } from '../../state/find-domain.ts';
import { reservationsOf } from '../../state/leases.ts';
import type { NetworkState, Seen } from '../../state/state.ts';
import { isMacLike, leasesInForce, macsOfDomain } from './holder.ts';
import { planReserve } from './reserve.ts';
import type { Plan } from '../step.ts';
import { quoted } from '../../values/quoted.ts';
import { parseIp } from '../../values/address.ts';
import { parseMac } from '../../values/mac.ts';

export interface PinRequest {
  readonly network: NetworkState;
  /** Domains, by name or UUID, or MAC addresses. */
  readonly names: readonly string[];
  readonly replace?: boolean | undefined;
  /** A host name for DNS, as parseHostName gives it. */
  readonly host?: string | undefined;
  /** Seconds since the epoch. */
  readonly now: number;
}

export interface PinPlan extends Plan {
  /** The name of the network. */
  readonly network: string;
  readonly pinned: readonly { readonly domain: string; readonly address: string }[];
}

/**
 * Reserves what domains have leased in a network, of both families and on all of their NICs.
 * @throws NOTFOUND for an unknown domain, one without a NIC in the network, or one without a lease; and what planReserve throws
 */
export function planPin({ network, names, replace, host, now }: PinRequest, state: Seen<'domains'>): PinPlan {
  const all = [...new Set(names)].flatMap((name) =>
    leasesOf(name, network, state, now).map(({ address, mac, clientId, family }) => {
      const who = family === 'ipv6' && clientId !== undefined ? clientId : (mac ?? name);
      const plan = planReserve({ network, who, ip: parseIp(address, 'ip'), replace, host, now }, state);
      return { domain: isMacLike(name) ? name : findDomain(state, name).name, plan };
    }),
  );
  return {
    title: `pin ${names.join(', ')} in network ${network.name}`,
    steps: all.flatMap(({ plan }) => plan.steps),
    warnings: all.flatMap(({ plan }) => plan.warnings),
    consent: [],
    network: network.name,
    pinned: all.map(({ domain, plan }) => ({ domain, address: plan.ip })),
  };
}

/**
 * The network of a domain's NICs.
 * @throws NOTFOUND for a domain without a NIC in a network, AMBIGUOUS for one with NICs in several
 */
export function networkOf(name: string, state: Seen<'networks' | 'domains'>): NetworkState {
  const domain = findDomain(state, name);
  const networks = state.networks.filter((network) => macsOfDomain(name, network, state).length > 0);
  const [only, ...others] = networks;
  if (only && others.length === 0) return only;
  throw new KvmnetError(
    only ? 'AMBIGUOUS' : 'NOTFOUND',
    only
      ? `${domain.name} has NICs in ${networks.map((network) => network.name).join(' and ')}`
      : `${domain.name} has no NIC in a network`,
    {
      hint: only
        ? `name the network: kvmnet net pin ${quoted(only.name)} ${quoted(domain.name)}`
        : `kvmnet vm nics ${quoted(domain.name)} shows its sources`,
    },
  );
}

function leasesOf(name: string, network: NetworkState, state: Seen<'domains'>, now: number) {
  const macs = isMacLike(name) ? [parseMac(name, 'MAC')] : macsOfDomain(name, network, state);
  if (macs.length === 0) {
    throw new KvmnetError('NOTFOUND', `${name} has no NIC in network ${network.name}`, {
      hint: `kvmnet vm nics ${quoted(name)} shows its sources`,
    });
  }
  const leases = leasesInForce(network, now).filter(({ mac }) => mac !== undefined && macs.includes(mac.toLowerCase()));
  if (leases.length > 0) return leases;
  const reservation = reservationsOf(network.network).find(({ host }) => macs.includes(host.mac?.toLowerCase() ?? ''));
  const hints = [
    ...(reservation?.host.ip === undefined ? [] : [`${reservation.host.ip} is reserved for it already`]),
    ...(isMacLike(name) ? [] : [`kvmnet vm ip ${quoted(name)} shows why`]),
    `kvmnet net reserve ${quoted(network.name)} ${quoted(name)} IP reserves an address of your choice`,
  ];
  throw new KvmnetError('NOTFOUND', `${name} has no lease in network ${network.name}: nothing to pin`, {
    hint: hints.join('; '),
  });
}
