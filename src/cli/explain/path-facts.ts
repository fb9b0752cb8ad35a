/** The facts that paths are found with: the state of the host, and its rules for packets. */
import { KvmnetError } from '../../errors.ts';
import { observeNeighbors } from '../../observe/addresses.ts';
import { keptNat } from '../../observe/nat.ts';
import { observePacketHost, observePolicyRules } from '../../observe/packet-host.ts';
import type { State } from '../../state/state.ts';
import type { PathFacts } from '../../topology/path/ground.ts';
import { pathScope, type Context } from '../context.ts';

/** Reads them; where the rules may not be read, a warning explains that libvirt's own are assumed. */
export async function pathFacts(context: Context): Promise<{ readonly state: State; readonly facts: PathFacts }> {
  const { uri } = context.options;
  const [state, neighbors, packets, policy] = await Promise.all([
    context.observe({ ...pathScope, remoteLinks: true }),
    observeNeighbors(context),
    observePacketHost(uri, context.traceRun).catch((error: unknown) => {
      if (error instanceof KvmnetError) return error;
      throw error;
    }),
    observePolicyRules(uri, context.traceRun),
  ]);
  const isRefused = packets instanceof KvmnetError;
  if (isRefused) {
    context.warn([`the host's rules are unknown; the rules of libvirt's networks are assumed: ${packets.message}`]);
  }
  const rules = isRefused ? undefined : packets;
  return { state, facts: { now: Date.now() / 1000, neighbors, nat: keptNat(uri), packets: rules, policy } };
}
