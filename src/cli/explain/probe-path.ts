/** Tries the answer about a path with real packets. */
import { requireRoot } from '../../apply/host-only-connection.ts';
import { observeAddressesInUse } from '../../observe/addresses-in-use.ts';
import { probePath, type ProbeAnswer } from '../../observe/probe/path-probe.ts';
import { isLocal } from '../../observe/uri.ts';
import { ipsOf } from '../../state/free-address.ts';
import type { State } from '../../state/state.ts';
import type { FoundPath } from '../../topology/path/find-path.ts';
import type { Ground } from '../../topology/path/ground.ts';
import type { PathRequest } from '../../topology/path/path.ts';
import { probePlan } from '../../topology/path/probe.ts';
import type { Ip } from '../../values/address.ts';
import type { Context } from '../context.ts';

/** The result of real packets; fields as in `--json`. */
export interface Proof {
  /** Where they were sent; undefined: none were. */
  readonly address: string | undefined;
  readonly answer: ProbeAnswer | 'not tried';
  /** Why none were sent. */
  readonly reason: string | undefined;
  /** Whether they prove the answer; undefined: neither this nor the contrary. */
  readonly agrees: boolean | undefined;
}

/** Addresses that a temporary guest cannot have. */
export async function addressesInUse(context: Context, state: State): Promise<readonly Ip[]> {
  const leases = state.networks.flatMap(({ leases: own }) => own ?? []).flatMap(({ address }) => ipsOf(address));
  return [...leases, ...(await observeAddressesInUse(context, state))];
}

/** @throws PERMISSION for other users than root */
export function requireProbe({ options }: Context): void {
  if (isLocal(options.uri)) requireRoot('send packets from a network namespace');
}

export async function probed(
  found: FoundPath,
  ground: Ground,
  { context, port }: { readonly context: Context; readonly port: PathRequest['port'] },
): Promise<Proof> {
  requireProbe(context);
  const { from, to } = found;
  const plan = probePlan(from, to, ground, await addressesInUse(context, ground.state));
  if ('reason' in plan) return untried(plan.reason);
  if (port !== undefined && plan.target !== undefined) return untried(`the address of ${to.name} is not known`);
  context.progress.say(`sending packets to ${plan.address}`);
  const answer = await context.session.interruptible(
    (signal) => probePath(context.options.uri, { ...plan, port }, signal),
    { rollsBack: false },
  );
  context.progress.stop();
  return { address: plan.address, answer, reason: undefined, agrees: agreement(found, answer) };
}

function untried(reason: string): Proof {
  return { address: undefined, answer: 'not tried', reason, agrees: undefined };
}

/** A guest may answer nothing itself: silence proves a path that does not exist, but only a namespace that counts packets disproves one. */
function agreement({ path, from, to }: FoundPath, answer: ProbeAnswer): boolean | undefined {
  const { verdict, isOneWay, hops } = path;
  // The port of a namespace does not have the faults of a guest's own one.
  const problem = hops.find((hop) => hop.problem !== undefined)?.problem;
  if ([from, to].some((end) => 'device' in end && isFaultOf(end.device?.name, problem))) return undefined;
  if (verdict === 'unknown' || answer === 'busy' || answer === 'neighbor') return undefined;
  if (verdict === 'reachable') return answer === 'answered';
  if (answer === 'answered') return false;
  return answer === 'arrived' ? isOneWay : true;
}

function isFaultOf(device: string | undefined, problem = ''): boolean {
  if (device === undefined) return false;
  return [`${device} is `, `${device} has `, `port ${device} of `].some((start) => problem.startsWith(start));
}
