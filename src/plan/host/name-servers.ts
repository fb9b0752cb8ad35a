/** Moves a NIC's name servers to a bridge with its addresses; the plan warns of what else refers to the NIC. */
import type { Link } from '../../records/link.ts';
import type { HostState } from '../../state/state.ts';
import type { DnsScope, Plan, Step } from '../step.ts';

/** Everything that refers to a NIC by its name. */
export interface NicReferences {
  /** Its name servers, and the name servers that the bridge already has. */
  readonly scope: DnsScope | undefined;
  readonly before: DnsScope | undefined;
  /** Sentences about what stays with the NIC. */
  readonly warnings: readonly string[];
}

/** Returns the NIC whose addresses the plan moves to a bridge, or undefined. */
export function findNicWhoseAddressesMove({ steps }: Plan, bridge: string, host: HostState): Link | undefined {
  const moves = (nic: string): boolean =>
    steps.some(({ verify }) => {
      const link = verify.expect === 'links' ? verify.links[nic] : undefined;
      return link?.master === bridge && link.addresses?.length === 0;
    });
  return host.links.find(({ name }) => moves(name));
}

/** Returns the plan with the warnings, and with a step that sets the NIC's name servers on the bridge. */
export function withNameServers(
  plan: Plan,
  { nic, bridge, exists }: { readonly nic: string; readonly bridge: string; readonly exists: boolean },
  { scope, before, warnings }: NicReferences,
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
