/** Common parts of the commands for port forwards and source NAT. */
import type { NatFacts } from '../firewall/nat-facts.ts';
import { requireRoot } from '../apply/host-only-connection.ts';
import { observeAddressesInUse } from '../observe/addresses-in-use.ts';
import { observeNat } from '../observe/nat.ts';
import { isLocal } from '../observe/uri.ts';
import { linksOf } from '../plan/host/find-link.ts';
import type { Seen } from '../state/state.ts';
import type { Context } from './context.ts';

/**
 * Reads the rules, which only root may.
 * @param what the command is about, for the refusal
 */
export async function natFacts(context: Context, state: Seen<'host'>, what: string): Promise<NatFacts> {
  const { uri } = context.options;
  if (isLocal(uri)) requireRoot(what);
  return observeNat(uri, linksOf(state).links, context.traceRun);
}

/** The same for forwards to guests, which may get an address. */
export async function forwardFacts(context: Context, state: Seen<'host' | 'domains'>): Promise<NatFacts> {
  const facts = await natFacts(context, state, 'forward ports of this host');
  return { ...facts, inUse: await observeAddressesInUse(context, state) };
}

/** Asks the administrator to restart the daemon once, so that the start of a network restores the rules. */
export function hookWarnings({ isHookUnnoticed, rules }: NatFacts): readonly string[] {
  if (!isHookUnnoticed || rules.forwards.length + rules.sources.length === 0) return [];
  return [
    'libvirt runs the hook that restores the rules only after a restart of its daemon: systemctl restart libvirtd (or virtnetworkd); guests keep running',
  ];
}
