/** DHCP leases as people see them. */
import { formatDuration } from '../../values/duration.ts';
import type { LeaseView } from '../../state/leases.ts';
import type { Column } from '../command.ts';

/** The time left of a lease: `43 min`; `never` for one without end. */
export function timeLeft(expires: number, now: number): string {
  if (expires === 0) return 'never';
  return expires > now ? formatDuration(expires - now) : 'expired';
}

/** @param now seconds since the epoch */
export function leaseColumns(now: number): readonly Column<LeaseView>[] {
  return [
    { heading: 'Network', cell: ({ network }) => network },
    { heading: 'Address', cell: ({ address }) => address },
    { heading: 'MAC', cell: ({ mac }) => mac },
    { heading: 'Hostname', cell: ({ hostname }) => hostname, isSpare: true },
    { heading: 'VM', cell: ({ domain }) => domain },
    { heading: 'NIC', cell: (lease) => lease.interface ?? lease.nic, isSpare: true },
    {
      heading: 'Reserved',
      cell: ({ reserved, address }) => (reserved === address ? 'yes' : reserved),
      isSpare: true,
    },
    { heading: 'Expires', cell: ({ expires }) => timeLeft(expires, now), isSpare: true },
    { heading: 'State', cell: ({ state }) => state },
  ];
}
