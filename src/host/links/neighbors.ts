/** The kernel's neighbor tables: addresses and their MACs, found by ARP and IPv6's neighbor discovery. */
import { parseList } from './json.ts';
import { run, type RunOptions } from '../run.ts';

export interface NeighborRecord {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly mac: string;
  /** The host's device on which it was found. */
  readonly dev: string;
  /** Seconds since the kernel last confirmed it; undefined for a static entry, and for one that was never confirmed. */
  readonly seen: number | undefined;
}

interface IpNeighbor {
  readonly dst?: string;
  readonly dev?: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
  /** Seconds since it was confirmed, and since its MAC address or state was set. */
  readonly confirmed?: number;
  readonly updated?: number;
}

/** A new entry begins with a confirmation twice the kernel's base_reachable_time (30 s) ago. @see neigh_alloc of `net/core/neighbour.c` */
const unconfirmedSeconds = 60;

/**
 * Returns all neighbors with a MAC. libvirt's own list (`domifaddr --source arp`) fails on kernels that are newer than libvirt.
 * @see `ip-neighbour(8)`
 */
export async function readNeighbors(options: RunOptions = {}): Promise<NeighborRecord[]> {
  return parseNeighbors(await run('ip', ['-j', '-s', 'neighbour', 'show'], options));
}

/** Parses `ip -j -s neighbour show`, without entries that did not resolve. */
export function parseNeighbors(json: string): NeighborRecord[] {
  const found = parseList(json, 'ip') as readonly IpNeighbor[];
  return found.flatMap(({ dst, dev, lladdr, state = [], confirmed, updated }): NeighborRecord[] => {
    const failed = state.includes('FAILED') || state.includes('INCOMPLETE');
    if (dst === undefined || dev === undefined || lladdr === undefined || failed) return [];
    const isUnconfirmed = Math.abs((confirmed ?? 0) - (updated ?? 0) - unconfirmedSeconds) <= 1;
    const seen = state.includes('PERMANENT') || isUnconfirmed ? undefined : confirmed;
    return [{ family: dst.includes(':') ? 'ipv6' : 'ipv4', address: dst, mac: lladdr, dev, seen }];
  });
}
