/** Filters of tcpdump. @see pcap-filter(7) */

/** An end of the captured flow. */
export interface FilterEnd {
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
}

/**
 * The filter for what two ends send each other, and within that for what the user wants. A router changes the MAC addresses of a packet: they
 * count only in addition to addresses, which may be incomplete, or where no address is known.
 * @param ends one that has neither addresses nor MACs may be anything
 * @returns undefined: everything
 */
export function flowFilter(ends: readonly FilterEnd[], wanted: string | undefined): string | undefined {
  const known = ends.filter(({ addresses }) => addresses.length > 0).map(anyOf);
  const byMac = ends.flatMap(({ macs }) => macs);
  const flow = known.length > 0 || byMac.length === 0 ? known : [anyOf({ addresses: [], macs: byMac })];
  const parts = [...flow, ...(wanted === undefined ? [] : [wanted])];
  return parts.length === 0 ? undefined : parts.map((part) => `(${part})`).join(' and ');
}

function anyOf({ addresses, macs }: FilterEnd): string {
  return [...addresses.map((address) => `host ${address}`), ...macs.map((mac) => `ether host ${mac}`)].join(' or ');
}

/**
 * The same for frames with up to two VLAN tags: a test of addresses alone does not match a tagged frame. A filter that is about VLANs stays as
 * it is.
 */
export function withTags(filter: string): string {
  if (/\bvlan\b/.test(filter)) return filter;
  return `(${filter}) or (vlan and ((${filter}) or (vlan and (${filter}))))`;
}
