/** Who has which MAC address: libvirt itself never looks. */
import { nicsOf } from './nics.ts';
import type { DomainState, State } from './state.ts';

/**
 * Returns the holder of a MAC address in words; undefined if it is free. Holders that are bridges are unknown where networks and links
 * were not read.
 */
export function macHolder(
  mac: string,
  { domains, networks = [], host }: Pick<State, 'domains'> & Partial<State>,
): string | undefined {
  const isWanted = (other: string | undefined): boolean => other?.toLowerCase() === mac.toLowerCase();
  for (const domain of domains) {
    const nic = mentions(domain, mac) ? nicsOf(domain).find((each) => isWanted(each.mac)) : undefined;
    if (nic) return `NIC ${String(nic.index)} of ${domain.name}`;
  }
  const network = networks.find((each) => isWanted(each.network.mac?.address));
  if (network) return `the bridge of network ${network.name}`;
  const link = host?.links.find((each) => each.kind !== 'tun' && isWanted(each.mac));
  return link && `${link.name} of the host`;
}

/** A search in the text, before a definition is read for it. */
function mentions({ xml, inactiveXml }: DomainState, mac: string): boolean {
  return [...new Set([xml, inactiveXml])].some((text) => text?.toLowerCase().includes(mac.toLowerCase()));
}
