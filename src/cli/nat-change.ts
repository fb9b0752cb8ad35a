/** Common parts of the commands for port forwards and source NAT. */
import type { ForwardFacts, NatFacts } from '../firewall/nat-facts.ts';
import { requireRoot } from '../apply/host-only-connection.ts';
import { observeAddressesInUse } from '../observe/addresses-in-use.ts';
import { observeListeners, observeNat } from '../observe/nat.ts';
import { isLocal } from '../observe/uri.ts';
import { linksOf } from '../plan/host/find-link.ts';
import type { Seen } from '../state/state.ts';
import type { Context } from './context.ts';

/** Networks, domains and links, also the links of a host that ssh reaches. */
export const natScope = { remoteLinks: true } as const;

/**
 * Reads the rules, which only root may.
 * @param what the command is about, for the refusal
 */
export async function natFacts(context: Context, state: Seen<'host'>, what: string): Promise<NatFacts> {
  const { uri } = context.options;
  if (isLocal(uri)) requireRoot(what);
  return observeNat(uri, linksOf(state), context.traceRun);
}

/** The same for new forwards. */
export async function forwardFacts(context: Context, state: Seen<'host' | 'domains'>): Promise<ForwardFacts> {
  const facts = await natFacts(context, state, 'forward ports of this host');
  const [listeners, inUse] = await Promise.all([
    observeListeners(context.options.uri, context.traceRun),
    observeAddressesInUse(context, state),
  ]);
  return { ...facts, listeners, inUse };
}

/** Asks the administrator to restart the daemon once, so that the start of a network restores the rules. */
export function hookWarnings({ isHookUnnoticed, rules }: NatFacts): readonly string[] {
  if (!isHookUnnoticed || rules.forwards.length + rules.sources.length === 0) return [];
  return [
    'libvirt runs the hook that restores the rules only after a restart of its daemon: systemctl restart libvirtd (or virtnetworkd); guests keep running',
  ];
}
