/** Plans that add and remove port forwards. */
import { isDeepStrictEqual } from 'node:util';
import { KvmnetError } from '../../errors.ts';
import type { ForwardFacts, NatFacts } from '../../firewall/nat-facts.ts';
import { maxShiftedPorts } from '../../firewall/nat.ts';
import type { Forward, NatRules, Protocol } from '../../records/nat.ts';
import type { NetworkState, Seen } from '../../state/state.ts';
import { formatIp, type Family } from '../../values/address.ts';
import { formatArrival, parseArrival, type Arrival, type TypedTarget } from '../../values/forward.ts';
import { asTyped } from '../../values/invalid.ts';
import { findLink, hostOf } from '../host/find-link.ts';
import { planRelease } from '../reserve/reserve.ts';
import type { Plan, Step } from '../step.ts';
import { admitted } from './admit.ts';
import { advertisementSettings } from './advertisements.ts';
import { overlaps, requireFree } from './conflict.ts';
import { forwardingSetting } from '../../values/sysctl.ts';
import { natSteps } from './steps.ts';
import { findTarget, type FoundTarget, type TargetRequest } from './target.ts';
import { forwardText, targetText } from '../../values/nat-text.ts';

/** One forward as it is asked for. */
export interface WantedForward {
  readonly arrival: Arrival;
  readonly target: TypedTarget;
  /** Both where nothing else is asked for. */
  readonly protocols: readonly Protocol[];
  readonly family: Family | undefined;
}

export interface ForwardPlan extends Plan {
  /** The new forwards, and the requested forwards that already existed. */
  readonly forwards: readonly Forward[];
}

type Looked = Seen<'networks' | 'domains' | 'host'>;

/** The result of an addition. */
export interface Added {
  readonly rules: NatRules;
  /** All requested forwards, including forwards that already existed. */
  readonly forwards: readonly Forward[];
  readonly reservations: readonly Step[];
  readonly warnings: readonly string[];
}

/**
 * Adds forwards to guests and other addresses behind the host. A guest that has no reservation gets one for its present address, or for a free
 * one.
 * @param now seconds since the epoch
 * @throws INPUT, NOTFOUND, AMBIGUOUS for what cannot be meant; CONFLICT where a port is in use, naming who has it
 */
export function addForwards(
  rules: NatRules,
  wanted: readonly WantedForward[],
  facts: ForwardFacts,
  state: Looked,
  now: number,
): Added {
  const all: Forward[] = [...rules.forwards];
  const forwards: Forward[] = [];
  const found = new Map<string, FoundTarget>();
  const warnings: string[] = [];
  for (const each of wanted) {
    const target = targetOf(each, found, state, { now, inUse: facts.inUse });
    warnings.push(...arrivalWarnings(each.arrival, state));
    for (const made of forwardsOf(each, target)) {
      const forward = sharesReservation(made, all) ? withReservation(made) : made;
      const same = all.find((other) => overlaps(other, forward) && isSame(other, forward));
      if (same === undefined) {
        requireFree(forward, all, facts);
        all.push(forward);
      }
      forwards.push(same ?? forward);
    }
  }
  const plans = [...found.values()].flatMap(({ reservation }) => reservation ?? []);
  warnings.push(...plans.flatMap((plan) => plan.warnings), ...[...found.values()].flatMap(({ note }) => note ?? []));
  return {
    rules: { ...rules, forwards: all },
    forwards,
    reservations: plans.flatMap(({ steps }) => steps),
    warnings: [...new Set(warnings)].filter((text) => text !== ''),
  };
}

/**
 * @param fix adds the rules that admit connections from outside, where other programs' rules drop them; otherwise they are warnings
 * @see addForwards for the other parameters and the errors
 */
export function planForwardAdd(
  wanted: readonly WantedForward[],
  facts: ForwardFacts,
  state: Looked,
  now: number,
  fix = false,
): ForwardPlan {
  const added = addForwards(facts.rules, wanted, facts, state, now);
  const { reservations } = added;
  const { rules, forwards, warnings } = admitted(added, facts, hostOf(state), fix);
  return {
    title: `forward ${[...new Set(forwards.map(forwardText))].join(', ')}`,
    forwards,
    steps: [...reservations, ...natSteps(rules, facts)],
    warnings,
    consent: forwardingConsent(forwards, facts),
  };
}

/** The same guest is looked for once: it gets one address. */
function targetOf(
  { arrival, target: { who }, family }: WantedForward,
  found: Map<string, FoundTarget>,
  state: Looked,
  how: Pick<TargetRequest, 'now' | 'inUse'>,
): FoundTarget {
  const asked = arrival.listen[0]?.family ?? family;
  const key = `${typeof who === 'string' ? who : formatIp(who)} ${asked ?? ''}`;
  const known = found.get(key) ?? findTarget({ who, family: asked, ...how }, state, hostOf(state));
  found.set(key, known);
  return known;
}

function forwardsOf(
  { arrival, target: { port }, protocols }: WantedForward,
  { place, family }: FoundTarget,
): readonly Forward[] {
  const { listen, dev, ports } = arrival;
  const [first, last] = ports;
  const start = port ?? first;
  if (start + last - first > 65_535) {
    throw new KvmnetError(
      'INPUT',
      `${formatArrival(arrival)}: the last port at the target would be ${String(start + last - first)}`,
      {
        hint: 'ports end at 65535',
      },
    );
  }
  if (start !== first && last - first >= maxShiftedPorts) {
    throw new KvmnetError(
      'INPUT',
      `${formatArrival(arrival)} has ${String(last - first + 1)} ports that get other numbers, more than ${String(maxShiftedPorts)}`,
      {
        hint: `let them keep their numbers: ${asTyped('TARGET', place.address)}`,
      },
    );
  }
  return (arrival.protocol === undefined ? protocols : [arrival.protocol]).map((protocol) => ({
    ...{ family, protocol, listen: listen.map(formatIp) },
    ...(dev === undefined ? {} : { dev }),
    ...{ ports, target: { ...place, port: start } },
  }));
}

/** An address that is reserved for another forward is released with the last one. */
function sharesReservation({ target }: Forward, others: readonly Forward[]): boolean {
  return others.some((other) => other.target.reserved === true && other.target.address === target.address);
}

function withReservation(forward: Forward): Forward {
  return { ...forward, target: { ...forward.target, reserved: true } };
}

/** Whether it has the same effect; who made the reservation, and what admits it elsewhere, does not matter. */
function isSame(a: Forward, b: Forward): boolean {
  const plain = ({ target: { address, port }, admitted: _, ...forward }: Forward): unknown => ({
    ...forward,
    address,
    port,
  });
  return isDeepStrictEqual(plain(a), plain(b));
}

function arrivalWarnings({ listen, dev }: Arrival, state: Looked): readonly string[] {
  const host = hostOf(state);
  if (dev !== undefined) findLink(dev, host, 'device');
  const own = new Set(host.links.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  return listen
    .map(formatIp)
    .filter((address) => !own.has(address) && !address.startsWith('127.'))
    .map((address) => `this host does not have the address ${address} at the moment`);
}

/** A host that starts to forward packets does so between all of its networks. */
export function forwardingConsent(
  added: readonly { readonly family: Family }[],
  { sysctls }: Pick<NatFacts, 'sysctls'>,
): readonly string[] {
  const families = [...new Set(added.map(({ family }) => family))];
  return [
    ...families
      .filter((family) => sysctls[forwardingSetting[family]] === '0')
      .map(
        (family) =>
          `${forwardingSetting[family]} is off: the host starts to forward packets between all of its networks`,
      ),
    ...advertisementSettings(families, { sysctls }).map(
      ([name, value]) =>
        `${name} becomes ${value}: otherwise a host that forwards packets loses the default route that its router advertises`,
    ),
  ];
}

/**
 * Removes forwards, and the reservations that were made for them.
 * @param typed as `forwardText` writes them, or `all`; without a protocol all of the port, without a device or an address all of it too
 * @throws NOTFOUND for one that matches none
 */
export function planForwardRemove(typed: readonly string[] | 'all', facts: NatFacts, state: Looked): ForwardPlan {
  const { forwards: all } = facts.rules;
  const removed = new Set(typed === 'all' ? all : typed.length === 0 ? [] : matchingForwards(typed, all));
  const left = all.filter((forward) => !removed.has(forward));
  return {
    title: `remove ${removed.size === 1 ? 'forward' : 'forwards'}: ${[...removed].map(forwardText).join(', ') || 'none'}`,
    forwards: [...removed],
    steps: [...natSteps({ ...facts.rules, forwards: left }, facts), ...releases([...removed], left, state)],
    warnings: [],
    consent: [],
  };
}

/**
 * Returns the forwards that the user names; all where none is named.
 * @throws NOTFOUND for a name that matches none
 */
export function matchingForwards(typed: readonly string[], all: readonly Forward[]): readonly Forward[] {
  return typed.length === 0 ? all : [...new Set(typed.flatMap((text) => matching(text, all)))];
}

function matching(text: string, all: readonly Forward[]): readonly Forward[] {
  const { listen, dev, ports, protocol } = parseArrival(text);
  const found = all.filter(
    (forward) =>
      isDeepStrictEqual(forward.ports, ports) &&
      (protocol === undefined || forward.protocol === protocol) &&
      (dev === undefined || forward.dev === dev) &&
      (listen.length === 0 || isDeepStrictEqual(forward.listen, listen.map(formatIp))),
  );
  if (found.length > 0) return found;
  const known = all.map((forward) => `${forwardText(forward)} to ${targetText(forward)}`);
  throw new KvmnetError('NOTFOUND', `no forward ${text}`, {
    hint: known.length === 0 ? 'this host has none' : `this host has ${known.slice(0, 5).join(', ')}`,
  });
}

/** The reservations of removed forwards that no other forward needs. */
function releases(removed: readonly Forward[], left: readonly Forward[], state: Looked): readonly Step[] {
  const kept = new Set(left.map(({ target }) => target.address));
  const addresses = new Map<string, NetworkState>();
  for (const { target } of removed) {
    const network = state.networks.find(({ name }) => name === target.network);
    if (target.reserved && network && !kept.has(target.address)) addresses.set(target.address, network);
  }
  return [...addresses].flatMap(
    ([address, network]) => planRelease({ ...network, leases: [] }, [address], state).steps,
  );
}
