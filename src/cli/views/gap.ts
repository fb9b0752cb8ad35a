/** How long guests were cut off, as people see it. */
import type { Gap } from '../../apply/gap.ts';

/** `VM1: NIC 52:54:00:… (vnet3) was cut off for 0.4 s`, one line each. */
export function gapText(gaps: readonly Gap[]): string {
  return gaps
    .map(({ domain, mac, interface: tap, seconds }) => {
      const device = tap === undefined ? '' : ` (${tap})`;
      return `${domain}: NIC ${mac}${device} was cut off for ${seconds.toFixed(1)} s, and is attached again`;
    })
    .join('\n');
}
