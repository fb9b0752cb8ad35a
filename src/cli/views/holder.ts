/** The addresses of networks, with their holders, and how much of each subnet is left. */
import type { HolderView } from '../../state/address-holders.ts';
import type { FreeRange, SubnetUse } from '../../state/subnet-use.ts';
import type { Column } from '../command.ts';
import { whenText } from './address.ts';

export const holderColumns: readonly Column<HolderView>[] = [
  { heading: 'Network', cell: ({ network }) => network },
  { heading: 'Address', cell: ({ address }) => address },
  { heading: 'Holder', cell: ({ holder }) => holder },
  { heading: 'MAC', cell: ({ mac }) => mac, isSpare: true },
  { heading: 'Sources', cell: ({ sources }) => sources.join(' ') },
  { heading: 'Age', cell: whenText, isSpare: true },
  { heading: 'State', cell: ({ state }) => state },
];

export const freeColumns: readonly Column<FreeRange>[] = [
  { heading: 'Network', cell: ({ network }) => network },
  { heading: 'Subnet', cell: ({ subnet }) => subnet },
  { heading: 'Free', cell: ({ start, end }) => (start === end ? start : `${start}-${end}`) },
  { heading: 'Count', cell: ({ count }) => count },
  { heading: 'DHCP', cell: ({ dhcp }) => (dhcp ? 'yes' : 'no') },
];

export const useColumns: readonly Column<SubnetUse>[] = [
  { heading: 'Network', cell: ({ network }) => network },
  { heading: 'Subnet', cell: ({ subnet }) => subnet },
  { heading: 'Size', cell: ({ size }) => countText(size) },
  { heading: 'DHCP', cell: ({ dhcp }) => countText(dhcp), isSpare: true },
  { heading: 'Used', cell: ({ used }) => used },
  { heading: 'Reserved', cell: ({ reserved }) => reserved },
  { heading: 'Leased', cell: ({ leased }) => leased },
  { heading: 'Free', cell: ({ free }) => countText(free) },
  { heading: 'Used %', cell: ({ percent }) => percent },
];

/** The number, or a power of two that is about as large. */
function countText(count: number): string {
  return count > 0xffffffff ? `2^${String(Math.round(Math.log2(count)))}` : String(count);
}
