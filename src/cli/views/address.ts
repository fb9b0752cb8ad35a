/** The addresses of a domain's NICs, each shown with its source and age. */
import { formatDuration } from '../../values/duration.ts';
import type { AddressView } from '../../state/addresses.ts';
import type { Column } from '../command.ts';
import { timeLeft } from './lease.ts';

/** How good the knowledge is, in time: what is left of a lease, or when the kernel last saw it. */
export function whenText({ expires, seen }: Pick<AddressView, 'expires' | 'seen'>): string | undefined {
  if (expires !== undefined)
    return expires === 0 ? 'lease without end' : `lease ends in ${timeLeft(expires, Date.now() / 1000)}`;
  return seen === undefined ? undefined : `seen ${formatDuration(seen)} ago`;
}

export const addressColumns: readonly Column<AddressView>[] = [
  { heading: 'Domain', cell: ({ domain }) => domain },
  { heading: 'NIC', cell: ({ nic }) => nic },
  { heading: 'Address', cell: ({ address }) => address },
  { heading: 'MAC', cell: ({ mac }) => mac },
  { heading: 'Network', cell: ({ network }) => network },
  { heading: 'Source', cell: ({ sources }) => sources.join(', '), isSpare: true },
  { heading: 'Age', cell: whenText, isSpare: true },
  { heading: 'Hostname', cell: ({ hostname }) => hostname, isSpare: true },
  { heading: 'Reason', cell: ({ reason }) => reason },
];
