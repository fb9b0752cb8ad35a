/** Captured packets, one row each, with the hops that saw them. */
import type { Row } from '../../../capture/rows.ts';
import type { HopCount } from '../../../capture/summary.ts';
import { printable } from '../../../values/printable.ts';
import { localTime } from './timeline.ts';

/** `#3  14:03:07.512345  192.168.100.10 > 192.168.100.40  icmp echo request, seq 1  vnet1 brvlan-10 eno1.10 eno1` */
export function rowLine({ number, sightings, natOf }: Row, devices: readonly string[]): string {
  const [{ time, frame }] = sightings;
  const ends = frame.source === '' ? '' : `${frame.source} > ${frame.destination}  `;
  const hops = sightings.map(({ hop }) => devices[hop] ?? '').join(' ');
  const nat = natOf === undefined ? '' : `  (NAT of #${String(natOf)})`;
  return `#${String(number)}  ${localMicroseconds(time)}  ${ends}${frame.what}  ${printable(hops)}${nat}\n`;
}

/** The value of a row for `--json`. */
export function rowValue({ number, sightings, natOf }: Row, devices: readonly string[]) {
  const [{ time, frame }] = sightings;
  const { source, destination, what } = frame;
  return {
    ...{ object: 'packet', number, time: isoTime(time), source, destination, what },
    hops: sightings.map((each) => ({
      device: devices[each.hop],
      time: isoTime(each.time),
      ...(each.frame.vlans.length === 0 ? {} : { vlans: each.frame.vlans }),
    })),
    missing: devices.filter((_, hop) => !sightings.some((each) => each.hop === hop)),
    ...(natOf === undefined ? {} : { natOf }),
  };
}

/** The value of the end for `--json`. */
export function summaryValue(packets: number, hops: readonly HopCount[], dropped: number, text: string) {
  const names = (isSeen: boolean): readonly string[] =>
    hops.filter((hop) => hop.packets > 0 === isSeen).map(({ device }) => device);
  return { object: 'summary', packets, hops, saw: names(true), missed: names(false), dropped, text };
}

function localMicroseconds(time: bigint): string {
  const microseconds = String((time / 1000n) % 1000n).padStart(3, '0');
  return `${localTime(new Date(Number(time / 1_000_000n)))}${microseconds}`;
}

/** ISO 8601, UTC, with nanoseconds. */
function isoTime(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`;
}
