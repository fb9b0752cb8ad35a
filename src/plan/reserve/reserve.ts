/** Plans that reserve an address for a guest, and release it again. */
import { KvmnetError } from '../../errors.ts';
import { reservationsOf } from '../../state/leases.ts';
import type { NetworkState, Seen, State } from '../../state/state.ts';
import { endLeases } from './lease-end.ts';
import { checkLease, isEntryOf, keeps, placeOf, requireUnreserved } from './check.ts';
import { findReservationHolder, isMacLike, macsOfDomain, type Holder } from './holder.ts';
import { renewalNote } from './note.ts';
import { definitionsOf, editSteps, sideEffects, type Definition, type HostEdit } from './step.ts';
import type { Plan } from '../step.ts';
import { formatIp, parseIp, type Ip } from '../../values/address.ts';
import { parseMac } from '../../values/mac.ts';
import { isDuid } from '../../values/reservation.ts';

export interface ReserveRequest {
  readonly network: NetworkState;
  /** A domain, a MAC, or for IPv6 a DUID. */
  readonly who: string;
  readonly ip: Ip;
  /** A host name for DNS, as parseHostName gives it; an existing entry keeps its own. */
  readonly host?: string | undefined;
  /** Takes the place of another reservation of the same client. */
  readonly replace?: boolean | undefined;
  /** Seconds since the epoch. */
  readonly now: number;
}

export interface ReservePlan extends Plan {
  readonly ip: string;
  readonly holder: Holder;
  /** When the guest gets the address, and how it gets it sooner: one line for people. */
  readonly note: string;
}

/**
 * Reserves an address for one client, live and in the configuration, in each scope where it is missing.
 * @throws INPUT outside the subnet or on an address that no guest may have; CONFLICT, naming the holder, if the address is the
 * gateway's, reserved, or leased to another client, and if the client has another reservation and `replace` is not set;
 * NOTFOUND and AMBIGUOUS for a domain that has no NIC in the network, or several
 */
export function planReserve(request: ReserveRequest, state: Seen<'domains'>): ReservePlan {
  const { network, who, ip, host, replace = false, now } = request;
  const definitions = definitionsOf(network);
  const places = definitions.map(({ network: definition }) => placeOf(ip, definition, network));
  const holder = findReservationHolder({ who, family: ip.family, host, network, now }, state);
  for (const definition of definitions) requireUnreserved({ ip, holder, host }, definition.network, network, state);
  const leased = checkLease({ ip, holder, replace, now }, network, state);
  const known = definitions
    .flatMap(({ network: definition }) => reservationsOf(definition))
    .find((entry) => isEntryOf(entry.host, holder) && entry.host.name !== undefined);
  const edits = new Map(
    definitions.map((definition, index) => {
      const wanted = { ip, host, known: known?.host.name, holder, replace, parentIndex: places[index] ?? 0 };
      return [definition.scope, editsFor(wanted, definition, network.name)];
    }),
  );
  return {
    title: `reserve ${formatIp(ip)} of network ${network.name} for ${holder.label}`,
    steps: editSteps(network, edits),
    warnings: [...leased, ...sideEffects(network, edits)],
    consent: [],
    ip: formatIp(ip),
    holder,
    note: renewalNote({ ip, holder, network, now }),
  };
}

interface Wanted {
  readonly ip: Ip;
  readonly host: string | undefined;
  /** The host name that it has in either scope. */
  readonly known: string | undefined;
  readonly holder: Holder;
  readonly replace: boolean;
  readonly parentIndex: number;
}

/** Returns the edits that give one scope this reservation of the client, and no other of that subnet. */
function editsFor(wanted: Wanted, { network }: Definition, name: string): readonly HostEdit[] {
  const { ip, host, holder, parentIndex } = wanted;
  const own = reservationsOf(network).filter(
    (entry) => entry.parentIndex === parentIndex && isEntryOf(entry.host, holder),
  );
  const other = own.find((entry) => entry.host.ip !== undefined && !keeps(entry.host, ip));
  if (other && !wanted.replace) {
    throw new KvmnetError(
      'CONFLICT',
      `${holder.label} has ${other.host.ip ?? ''} of network ${name} reserved already`,
      {
        hint: `--replace reserves ${formatIp(ip)} in its place`,
      },
    );
  }
  const [first, ...more] = own;
  const isDone = first && more.length === 0 && keeps(first.host, ip) && (host ?? first.host.name) === first.host.name;
  if (isDone) return [];
  const entry = {
    ...(first?.host ?? {}),
    mac: holder.mac,
    id: holder.id,
    name: host ?? first?.host.name ?? wanted.known ?? holder.name,
    ip: formatIp(ip),
  };
  return [
    ...own.map((old) => ({ edit: 'delete', parentIndex, host: old.host }) as const),
    { edit: 'add', parentIndex, host: entry },
  ];
}

/**
 * Removes from a network the reservations of a domain's NICs, of a MAC or DUID, of an address, or with a host name; live and in the
 * configuration, wherever they are. Also ends the leases of a MAC or an address that no domain has.
 * @throws NOTFOUND for a name of neither a domain nor a reservation
 */
export function planRelease(network: NetworkState, targets: readonly string[], state: State): Plan {
  const tests = targets.map((target) => testFor(target, network, state));
  const edits = new Map(
    definitionsOf(network).map(({ scope, network: definition }) => [
      scope,
      reservationsOf(definition)
        .filter(({ host }) => tests.some((test) => test(host)))
        .map(({ parentIndex, host }): HostEdit => ({ edit: 'delete', parentIndex, host })),
    ]),
  );
  const leases = (network.leases ?? []).filter(({ mac, address }) => tests.some((test) => test({ mac, ip: address })));
  const ended = endLeases(leases, network, state);
  return {
    title: `release ${targets.join(', ')} in network ${network.name}`,
    steps: [...editSteps(network, edits), ...ended.steps],
    warnings: [...sideEffects(network, edits), ...ended.warnings],
    consent: ended.consent,
  };
}

type Test = (host: HostEdit['host']) => boolean;

function testFor(target: string, network: NetworkState, state: State): Test {
  if (isMacLike(target)) {
    const mac = parseMac(target, 'MAC');
    return (host) => host.mac?.toLowerCase() === mac;
  }
  if (isDuid(target)) return (host) => host.id?.toLowerCase() === target.toLowerCase();
  if (/^[\d.]+$/.test(target) || target.includes(':')) {
    const ip = parseIp(target, 'IP');
    return (host) => keeps(host, ip);
  }
  const all = definitionsOf(network).flatMap(({ network: definition }) => reservationsOf(definition));
  const isDomain = state.domains.some(({ name }) => name === target);
  if (!isDomain && all.some(({ host }) => host.name === target)) return (host) => host.name === target;
  const macs = macsOfDomain(target, network, state);
  const ids = (network.leases ?? []).filter(({ mac }) => mac !== undefined && macs.includes(mac));
  return (host) =>
    (host.mac !== undefined && macs.includes(host.mac.toLowerCase())) ||
    (host.id !== undefined && ids.some(({ clientId }) => clientId?.toLowerCase() === host.id?.toLowerCase())) ||
    (host.mac === undefined && host.id === undefined && host.name === target);
}
