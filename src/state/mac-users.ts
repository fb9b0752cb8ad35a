/** Who has which MAC address: libvirt itself never looks. */
import { nicsOf } from './nics.ts';
import type { State } from './state.ts';

/**
 * Every MAC in use, in lower case, with its holder in words; a live NIC and its configuration are one. Those of bridges are missing
 * where networks and links were not read.
 */
export function macUsers(state: Pick<State, 'domains'> & Partial<State>): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  const add = (mac: string | undefined, holder: string): void => {
    if (mac !== undefined && !users.has(mac.toLowerCase())) users.set(mac.toLowerCase(), holder);
  };
  for (const domain of state.domains) {
    for (const { mac, index } of nicsOf(domain)) add(mac, `NIC ${String(index)} of ${domain.name}`);
  }
  for (const { name, network } of state.networks ?? []) add(network.mac?.address, `the bridge of network ${name}`);
  for (const { name, mac, kind } of state.host?.links ?? []) {
    if (kind !== 'tun') add(mac, `${name} of the host`);
  }
  return users;
}
