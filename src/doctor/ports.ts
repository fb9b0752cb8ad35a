/** Bridges and bonds, and their ports. */
import type { Link } from '../records/link.ts';
import type { WholeHost } from '../state/state.ts';

/** The ports of a bridge or bond. */
export function portsOf({ links }: Pick<WholeHost, 'links'>, { name }: Link): readonly Link[] {
  return links.filter(({ master }) => master === name);
}

/** The bridge or bond that a link is a port of. */
export function masterOf({ links }: Pick<WholeHost, 'links'>, { master }: Link): Link | undefined {
  return links.find(({ name, kind }) => name === master && (kind === 'bridge' || kind === 'bond'));
}

/** Whether a port leads out of the host: not to a guest, and not to another network namespace. */
export function isUplink({ kind, parent }: Link): boolean {
  return kind !== 'tun' && (kind !== 'veth' || parent !== undefined);
}

/** The links that frames pass on their way out of the host by one: itself, the NIC below a VLAN, the ports of a bond, the uplinks of a bridge. */
export function wayOut(host: Pick<WholeHost, 'links'>, link: Link, seen: readonly Link[] = []): readonly Link[] {
  if (seen.includes(link)) return [];
  const { kind, parent } = link;
  const below =
    kind === 'bridge' || kind === 'bond'
      ? portsOf(host, link).filter(isUplink)
      : kind === 'veth'
        ? []
        : host.links.filter(({ name }) => name === parent);
  return [link, ...below.flatMap((each) => wayOut(host, each, [...seen, link]))];
}

/** A NIC that nothing uses yet, for a remedy; undefined if the host has none. */
export function spareNic({ links }: Pick<WholeHost, 'links'>): string | undefined {
  const isFree = (link: Link): boolean => {
    const { type, kind, master, addresses } = link;
    const isNic = type === 'ether' && kind !== 'bridge' && isUplink(link);
    return isNic && master === undefined && addresses.every(({ scope }) => scope === 'link');
  };
  const free = links.filter(isFree);
  return (free.find(({ kind }) => kind === undefined) ?? free[0])?.name;
}
