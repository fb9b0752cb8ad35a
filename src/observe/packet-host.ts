/** Reads what decides about a host's packets: its filter, routes, addresses and sysctls. */
import { KvmnetError } from '../errors.ts';
import { parseIptablesSave } from '../firewall/iptables.ts';
import type { PacketHost } from '../firewall/journey.ts';
import { parseNftRuleset } from '../firewall/nftables.ts';
import { packetHost } from '../firewall/packet-host.ts';
import { combineTables, type Table } from '../firewall/ruleset.ts';
import { readForwarding, readReversePathFilters } from '../host/kernel.ts';
import { readPolicyRules } from '../host/links/policy-rules.ts';
import { readRuleset, type RulesetText } from '../host/ruleset.ts';
import type { RunOptions } from '../host/run.ts';
import type { PolicyRule } from '../records/policy-rule.ts';
import { wholeHost } from '../state/whole-host.ts';
import { observeHost } from './host.ts';
import { hostTarget } from './host-target.ts';

/**
 * @param uri of the connection, whose host is asked
 * @throws KvmnetError where the rules may not be read: only root may
 */
export async function observePacketHost(uri: string, onRun?: RunOptions['onRun']): Promise<PacketHost> {
  const options = { on: hostTarget(uri), onRun };
  const [tables, { links, routes }, sysctls] = await Promise.all([
    observeTables(uri, onRun),
    observeHost(options).then(wholeHost),
    readForwarding(options),
  ]);
  const reversePathFilters = await readReversePathFilters(['all', ...links.map(({ name }) => name)], options);
  return packetHost({ tables, links, routes, sysctls, reversePathFilters });
}

/** Reads the rules of policy routing; undefined where the host cannot be read. */
export async function observePolicyRules(
  uri: string,
  onRun?: RunOptions['onRun'],
): Promise<readonly PolicyRule[] | undefined> {
  try {
    return await readPolicyRules({ on: hostTarget(uri), onRun });
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}

/**
 * Reads the rules of nftables and iptables.
 * @throws KvmnetError where they may not be read: only root may
 */
export async function observeTables(uri: string, onRun?: RunOptions['onRun']): Promise<readonly Table[]> {
  return tablesOf(await observeRuleset(uri, onRun));
}

/**
 * Reads the packet filter as the programs list it.
 * @throws KvmnetError where it may not be read: only root may
 */
export async function observeRuleset(uri: string, onRun?: RunOptions['onRun']): Promise<RulesetText> {
  return readRuleset({ on: hostTarget(uri), onRun });
}

/** The rules of nftables and iptables in a packet filter that was read. */
export function tablesOf(text: RulesetText): readonly Table[] {
  return combineTables(text.nft === '' ? [] : parseNftRuleset(text.nft), [
    ...parseIptablesSave(text.iptables, 'ip'),
    ...parseIptablesSave(text.ip6tables, 'ip6'),
  ]);
}
