/** Settings of a NIC other than its addresses, when these move to a bridge: its name servers move too, and a warning names the rest. */
import { nicTies } from '../host/nic-ties.ts';
import { readDnsScope } from '../host/resolved.ts';
import { hostTarget } from '../observe/host-target.ts';
import type { DnsScope, Plan, Step } from '../plan/step.ts';
import type { State } from '../state/state.ts';

/** The plan with that; as it is where no NIC gives its addresses away. */
export async function withTies(plan: Plan, bridge: string, { connection, host }: State): Promise<Plan> {
  const nic = host?.links.find(({ name }) => givesAway(plan, name, bridge));
  if (!host || !nic) return plan;
  const on = hostTarget(connection.uri);
  const isThere = host.links.some(({ name }) => name === bridge);
  const [scope, before, ties] = await Promise.all([
    readDnsScope(nic.name, { on }),
    isThere ? readDnsScope(bridge, { on }) : undefined,
    on ? [] : nicTies(nic.name, nic.index, bridge),
  ]);
  const step: Step | undefined = scope && {
    title: `ask the name servers of ${nic.name} over ${bridge}: ${scope.servers.join(', ')}`,
    do: { call: 'hostSetDns', dev: bridge, scope },
    // With a new bridge they are gone.
    undo: isThere ? [{ call: 'hostSetDns', dev: bridge, scope: before ?? null }] : [],
    verify: { expect: 'dns', dev: bridge, scope },
  };
  const warnings = [...plan.warnings, ...ties];
  return step && scope
    ? { ...plan, steps: [...withWayBack(plan.steps, nic.name, scope), step], warnings }
    : { ...plan, warnings };
}

/** systemd-resolved forgets the name servers of a link that leaves a bridge. */
function withWayBack([first, ...others]: readonly Step[], nic: string, scope: DnsScope): readonly Step[] {
  return first ? [{ ...first, undo: [...first.undo, { call: 'hostSetDns', dev: nic, scope }] }, ...others] : others;
}

function givesAway({ steps }: Plan, nic: string, bridge: string): boolean {
  return steps.some(({ verify }) => {
    const link = verify.expect === 'links' ? verify.links[nic] : undefined;
    return link?.master === bridge && link.addresses?.length === 0;
  });
}
