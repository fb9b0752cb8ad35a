/** Port forwards and source NAT in the kernel: made what they should be, and compared. */
import { natTransactions } from '../../firewall/nat-text.ts';
import { isInForce } from '../../firewall/nat-status.ts';
import { readSysctls } from '../../host/kernel.ts';
import { applyRules } from '../../host/ruleset.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hostTarget } from '../../observe/host-target.ts';
import { observeTables } from '../../observe/packet-host.ts';
import type { NatBackend, NatRules } from '../../records/nat.ts';
import type { Expected } from './row.ts';

/** Replaces the rules of before by these, in one transaction for each program. */
export async function setNat(uri: string, rules: NatRules, backend: NatBackend): Promise<void> {
  const on = hostTarget(uri);
  for (const { program, text } of natTransactions(rules, backend, await observeTables(uri))) {
    await applyRules(program, text, { on });
  }
}

export async function missingNat(
  { uri }: Connection,
  { rules, backend }: Expected<'nat'>,
): Promise<string | undefined> {
  return isInForce(rules, backend, await observeTables(uri)) ? undefined : 'the rules are not what they should be';
}

export async function missingSysctl(
  { uri }: Connection,
  { name, value }: Expected<'sysctl'>,
): Promise<string | undefined> {
  const { [name]: found } = await readSysctls([name], { on: hostTarget(uri) });
  return found === value ? undefined : `${name} is ${found ?? 'unknown'} instead of ${value}`;
}
