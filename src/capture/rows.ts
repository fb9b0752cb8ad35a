/** Merges what several hops see: one row for each packet, with the hops that saw it. */
import type { Frame } from './frame.ts';

/** One hop has seen a packet. */
export interface Sighting {
  /** The place of the hop among all. */
  readonly hop: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly frame: Frame;
}

export interface Row {
  /** From 1, in the order of time. */
  readonly number: number;
  /** In the order of time; each hop at most once. */
  readonly sightings: readonly [Sighting, ...Sighting[]];
  /** The row of the same packet with other addresses or ports: NAT has rewritten it since. */
  readonly natOf: number | undefined;
}

/** Nanoseconds that the last hop may see a packet after the first one. */
const window = 1_000_000_000n;

/** Packets that are waited for at most: what comes beyond that is counted only. */
const mostOpen = 20_000;

type OpenRow = [Sighting, ...Sighting[]];

export class Merge {
  readonly #levels: readonly number[];
  readonly #open = new Map<string, OpenRow[]>();
  readonly #rewritten = new Map<string, Pick<Row, 'number'> & { readonly key: string; readonly time: bigint }>();
  #size = 0;
  #number = 0;
  #dropped = 0;

  /**
   * @param levels of each hop: a device has a higher one than those below it. The kernel stamps a packet once when it comes in: where times are
   * equal, it has gone upwards.
   */
  constructor(levels: readonly number[]) {
    this.#levels = levels;
  }

  /** Sightings that were not merged, because too many packets were on their way. */
  get dropped(): number {
    return this.#dropped;
  }

  add(sighting: Sighting): void {
    const { hop, time, frame } = sighting;
    const same = this.#open.get(frame.key) ?? [];
    // The same bytes may be sent again, as an ARP request is: each hop sees them again.
    const row = same.find(
      ([first, ...others]) =>
        distance(first.time, time) <= window && ![first, ...others].some((each) => each.hop === hop),
    );
    if (row) {
      row.push(sighting);
      row.sort(
        (left, right) => byTime(left, right) || this.#levelOf(left) - this.#levelOf(right) || left.hop - right.hop,
      );
    } else if (this.#size >= mostOpen) {
      this.#dropped += 1;
    } else {
      this.#open.set(frame.key, [...same, [sighting]]);
      this.#size += 1;
    }
  }

  /** Returns and forgets the rows that began until this time, and complete ones right after them, in their order. */
  take(until: bigint): readonly Row[] {
    const all = [...this.#open.values()].flat().sort(([left], [right]) => byTime(left, right));
    const rest = all.findIndex((row) => row[0].time > until && row.length < this.#levels.length);
    const ripe = rest < 0 ? all : all.slice(0, rest);
    for (const row of ripe) {
      const { key } = row[0].frame;
      const others = (this.#open.get(key) ?? []).filter((other) => other !== row);
      if (others.length === 0) this.#open.delete(key);
      else this.#open.set(key, others);
    }
    this.#size -= ripe.length;
    return ripe.map((sightings) => this.#row(sightings));
  }

  #levelOf({ hop }: Sighting): number {
    return this.#levels[hop] ?? 0;
  }

  #row(sightings: OpenRow): Row {
    const [{ time, frame }] = sightings;
    this.#number += 1;
    const number = this.#number;
    if (frame.natKey === undefined) return { number, sightings, natOf: undefined };
    for (const [natKey, earlier] of this.#rewritten) {
      if (time - earlier.time <= window) break;
      this.#rewritten.delete(natKey);
    }
    const earlier = this.#rewritten.get(frame.natKey);
    if (earlier === undefined) this.#rewritten.set(frame.natKey, { number, key: frame.key, time });
    return {
      number,
      sightings,
      natOf: earlier === undefined || earlier.key === frame.key ? undefined : earlier.number,
    };
  }
}

function byTime(left: Sighting, right: Sighting): number {
  return left.time < right.time ? -1 : left.time > right.time ? 1 : 0;
}

function distance(left: bigint, right: bigint): bigint {
  return left < right ? right - left : left - right;
}
