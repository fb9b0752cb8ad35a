/** A NIC's name servers go over to a bridge with its addresses; the plan warns of what else is tied to the NIC. */
import type { Link } from '../../records/link.ts';
import type { HostState } from '../../state/state.ts';
import type { DnsScope, Plan, Step } from '../step.ts';

/** What is tied to a NIC beside its addresses. */
export interface NicTies {
  /** Its name servers, and those that the bridge has already. */
  readonly scope: DnsScope | undefined;
  readonly before: DnsScope | undefined;
  /** Sentences about what stays behind. */
  readonly warnings: readonly string[];
}

/** The NIC whose addresses a plan gives to a bridge; undefined where none does. */
export function findGiver({ steps }: Plan, bridge: string, host: HostState): Link | undefined {
  const gives = (nic: string): boolean =>
    steps.some(({ verify }) => {
      const link = verify.expect === 'links' ? verify.links[nic] : undefined;
      return link?.master === bridge && link.addresses?.length === 0;
    });
  return host.links.find(({ name }) => gives(name));
}

/** The plan with a step that has the NIC's name servers asked over the bridge, and with the warnings. */
export function withNameServers(
  plan: Plan,
  { nic, bridge, exists }: { readonly nic: string; readonly bridge: string; readonly exists: boolean },
  { scope, before, warnings }: NicTies,
): Plan {
  const warned = { ...plan, warnings: [...plan.warnings, ...warnings] };
  if (!scope) return warned;
  const step: Step = {
    title: `ask the name servers of ${nic} over ${bridge}: ${scope.servers.join(', ')}`,
    do: { call: 'hostSetDns', dev: bridge, scope },
    // With a new bridge they are gone.
    undo: exists ? [{ call: 'hostSetDns', dev: bridge, scope: before ?? null }] : [],
    verify: { expect: 'dns', dev: bridge, scope },
  };
  return { ...warned, steps: [...withWayBack(plan.steps, nic, scope), step] };
}

/** systemd-resolved forgets the name servers of a link that leaves a bridge. */
function withWayBack([first, ...others]: readonly Step[], nic: string, scope: DnsScope): readonly Step[] {
  return first ? [{ ...first, undo: [...first.undo, { call: 'hostSetDns', dev: nic, scope }] }, ...others] : others;
}
