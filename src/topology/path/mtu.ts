/** MTUs that differ along a path. */
import type { Hop } from './path.ts';

/** Hops at which a packet is routed: the kernel tells the sender when it is too large for the next device. */
const routed: readonly Hop['kind'][] = ['gateway', 'route', 'firewall', 'nat', 'host', 'forward'];

/** Frames that are too large for a device are dropped in silence: one sentence for each part of the path where that may happen. */
export function mtuWarnings(hops: readonly Hop[]): readonly string[] {
  const parts: Hop[][] = [[]];
  for (const each of hops) {
    if (routed.includes(each.kind)) parts.push([]);
    else parts.at(-1)?.push(each);
  }
  return parts.flatMap((part) => {
    const sized = part.flatMap(({ name, mtu }) => (mtu === undefined ? [] : [{ name, mtu }]));
    const [first, ...others] = sized;
    if (first === undefined) return [];
    const smallest = others.reduce((least, each) => (each.mtu < least.mtu ? each : least), first);
    const largest = others.reduce((most, each) => (each.mtu > most.mtu ? each : most), first);
    if (smallest.mtu === largest.mtu) return [];
    return [
      `the MTU is ${String(largest.mtu)} at ${largest.name} and ${String(smallest.mtu)} at ${smallest.name}: larger packets are dropped there without a message`,
    ];
  });
}
