/** The result of a capture: which hops saw packets, and which did not. */
import type { Row } from './rows.ts';

export interface HopCount {
  readonly device: string;
  readonly packets: number;
}

/** Counts the packets that each hop has seen. */
export class Counts {
  readonly #devices: readonly string[];
  readonly #packets: number[];
  #rows = 0;

  constructor(devices: readonly string[]) {
    this.#devices = devices;
    this.#packets = devices.map(() => 0);
  }

  add({ sightings, natOf }: Row): void {
    if (natOf === undefined) this.#rows += 1;
    for (const { hop } of sightings) this.#packets[hop] = (this.#packets[hop] ?? 0) + 1;
  }

  /** The number of packets; one that NAT rewrites is still the same. */
  get rows(): number {
    return this.#rows;
  }

  get hops(): readonly HopCount[] {
    return this.#devices.map((device, index) => ({ device, packets: this.#packets[index] ?? 0 }));
  }
}

/** `vnet1, brvlan-10 and eno1 saw them; eno2 saw 2 of 3; brvlan-20 and vnet0 did not` */
export function summaryText(rows: number, hops: readonly HopCount[]): string {
  const names = (chosen: (packets: number) => boolean): readonly string[] =>
    hops.filter(({ packets }) => chosen(packets)).map(({ device }) => device);
  const [all, none] = [names((packets) => packets > 0 && packets >= rows), names((packets) => packets === 0)];
  if (rows === 0) return `no packet: ${listed(none)} saw none`;
  const some = hops.filter(({ packets }) => packets > 0 && packets < rows);
  return [
    ...(all.length === 0 ? [] : [`${listed(all)} saw ${rows === 1 ? 'it' : 'them'}`]),
    ...some.map(({ device, packets }) => `${device} saw ${String(packets)} of ${String(rows)}`),
    ...(none.length === 0 ? [] : [`${listed(none)} did not`]),
  ].join('; ');
}

const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no device' : list.format(names);
}
