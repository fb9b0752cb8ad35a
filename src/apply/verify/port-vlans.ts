/** The VLANs of a running guest's NIC: its tap is looked up where they are set, for it has another name each time. */
import { KvmnetError } from '../../errors.ts';
import { isSame, readPortVlans, setPortVlans } from '../../host/links/port-vlans.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hostTarget } from '../../observe/host-target.ts';
import type { LinkVlans, PortVlans } from '../../plan/step.ts';
import type { PortVlan } from '../../records/link.ts';
import { lazyDomain } from '../../xml/lazy-domain.ts';

/** @throws NOTFOUND where the running guest has no such NIC; DEPENDENCY where its host cannot be reached */
export async function setNicVlans(connection: Connection, { domain, mac, vlans }: PortVlans): Promise<void> {
  const tap = await tapOf(connection, domain, mac);
  if (tap === undefined) {
    throw new KvmnetError('NOTFOUND', `the NIC ${mac} is not attached`, { hint: 'kvmnet domiflist shows all NICs' });
  }
  await setPortVlans(tap, vlans, { on: hostTarget(connection.uri) });
}

/** In words; undefined when the tap is in these VLANs, and in no other. */
export async function missingPortVlans(
  connection: Connection,
  { domain, mac, vlans }: PortVlans,
): Promise<string | undefined> {
  const tap = await tapOf(connection, domain, mac);
  if (tap === undefined) return `the NIC ${mac} is not attached`;
  const found = await readPortVlans(tap, { on: hostTarget(connection.uri) });
  return text(found) === text(vlans) ? undefined : `${tap} is in ${text(found)}, not in ${text(vlans)}`;
}

/**
 * Describes the difference; undefined if the link is in all VLANs of `add`, and in none of `remove`.
 */
export async function missingLinkVlans(
  { uri }: Connection,
  { link, add, remove }: LinkVlans,
): Promise<string | undefined> {
  const found = await readPortVlans(link, { on: hostTarget(uri) });
  const missing = add.filter((vlan) => !found.some((other) => isSame(vlan, other)));
  const left = found.filter(({ id }) => remove.includes(id));
  if (missing.length > 0) return `${link} is not in ${text(missing)}`;
  return left.length > 0 ? `${link} is still in ${text(left)}` : undefined;
}

async function tapOf(connection: Connection, domain: string, mac: string): Promise<string | undefined> {
  const { active, xml } = await connection.call('getDomain', { domain });
  const nics = active ? lazyDomain(xml).interfaces : [];
  return nics.find((nic) => nic.mac?.address === mac)?.target?.dev;
}

function text(vlans: readonly PortVlan[]): string {
  const words = vlans.map(
    ({ id, pvid, untagged }) => `VLAN ${String(id)}${pvid ? ' pvid' : ''}${untagged ? ' untagged' : ''}`,
  );
  return words.sort().join(', ') || 'no VLAN';
}
