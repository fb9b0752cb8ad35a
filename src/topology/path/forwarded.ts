/** Paths from outside through a port forward of the host. */
import type { Forward } from '../../records/nat.ts';
import { formatIp, parseIp } from '../../values/address.ts';
import { forwardText } from '../../values/nat-text.ts';
import type { Remote, Station } from './endpoints.ts';
import type { Wanted } from './flow.ts';
import type { Ground } from './ground.ts';
import { hop } from './hops.ts';
import { unknown, type Outcome } from './outcome.ts';
import { routedPath, type Entry } from './routed.ts';

/**
 * The path by the first forward that leads to a guest; undefined: none does.
 * @param wanted with the port that is asked for, and the address of the host at which packets arrive
 */
export function forwardedPath(
  ends: { readonly from: Remote; readonly to: Station },
  entry: Entry,
  ground: Ground,
  wanted: Wanted,
): Outcome | undefined {
  const forward = ground.facts.nat.forwards.find((each) => leadsTo(each, ends.to, wanted));
  const listen = forward?.listen[0] === undefined ? wanted.destination : parseIp(forward.listen[0], 'address');
  if (forward === undefined || listen === undefined) return undefined;
  const { ports, protocol, target } = forward;
  const offset = wanted.port === undefined ? 0 : wanted.port.number - target.port;
  const text = `${forwardText(forward)} at ${formatIp(listen)}`;
  const hops = [...entry.hops, hop('forward', text, { address: target.address })];
  if (ground.facts.packets === undefined) {
    return unknown(
      hops,
      `port ${forwardText(forward)} of the host is forwarded to ${ends.to.name}, but the rules could not be read`,
    );
  }
  const port = { number: ports[0] + offset, protocol };
  const outcome = routedPath(ends, { ...entry, hops }, ground, { ...wanted, port, destination: listen });
  const isForwarded = outcome.hops.some(({ kind, address }) => kind === 'nat' && address === target.address);
  if (outcome.verdict !== 'unreachable' && !isForwarded) {
    return { ...outcome, verdict: 'unreachable', reason: `the forward ${forwardText(forward)} is not in force` };
  }
  return outcome.verdict === 'reachable'
    ? { ...outcome, reason: `the host forwards port ${forwardText(forward)} to ${ends.to.name}` }
    : outcome;
}

function leadsTo({ target, ports, protocol }: Forward, { guest, addresses }: Station, { port }: Wanted): boolean {
  const isGuests =
    (guest !== undefined && target.domain === guest.domain.name) ||
    addresses.some((ip) => formatIp(ip) === target.address);
  if (!isGuests) return false;
  const last = target.port + ports[1] - ports[0];
  return port === undefined || (port.protocol === protocol && target.port <= port.number && port.number <= last);
}
