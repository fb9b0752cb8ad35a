/** What a capture has shown: which hops saw packets, and which did not. */
import type { Row } from './rows.ts';

export interface HopCount {
  readonly device: string;
  readonly packets: number;
}

/** @param rows all of them */
export class Counts {
  readonly #devices: readonly string[];
  readonly #packets: number[];
  #rows = 0;

  constructor(devices: readonly string[]) {
    this.#devices = devices;
    this.#packets = devices.map(() => 0);
  }

  add({ sightings }: Row): void {
    this.#rows += 1;
    for (const { hop } of sightings) this.#packets[hop] = (this.#packets[hop] ?? 0) + 1;
  }

  /** The number of packets; one that NAT has rewritten counts twice. */
  get rows(): number {
    return this.#rows;
  }

  get hops(): readonly HopCount[] {
    return this.#devices.map((device, index) => ({ device, packets: this.#packets[index] ?? 0 }));
  }
}

/** `vnet1, brvlan-10 and eno1 saw it; brvlan-20 and vnet0 did not` */
export function summaryText(rows: number, hops: readonly HopCount[]): string {
  const saw = hops.filter(({ packets }) => packets > 0);
  const missed = hops.filter(({ packets }) => packets === 0).map(({ device }) => device);
  if (saw.length === 0) return `no packet: ${listed(missed)} saw none`;
  const isAll = saw.every(({ packets }) => packets === rows);
  const names = saw.map(({ device, packets }) => (isAll ? device : `${device} (${String(packets)})`));
  const what = rows === 1 ? 'it' : isAll ? 'them' : `of ${String(rows)}`;
  const rest = missed.length === 0 ? '' : `; ${listed(missed)} did not`;
  return `${listed(names)} saw ${what}${rest}`;
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? 'no device';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
