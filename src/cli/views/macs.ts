/** MAC addresses that bridges know, as people and programs see them. */
import type { FdbRecord } from '../../records/kernel.ts';
import { formatDuration } from '../../values/duration.ts';
import { nicsOf } from '../../state/nics.ts';
import type { State } from '../../state/state.ts';
import type { Column } from '../command.ts';

export interface MacSummary extends FdbRecord {
  readonly bridge: string;
  /** The VM that has a NIC with this address. */
  readonly domain: string | undefined;
  /** The NIC's index, as libvirt lists the domain's NICs. */
  readonly nic: number | undefined;
}

/** Running VMs before others: a MAC may be in the configuration of a copy too. */
export function summarizeMacs(
  bridge: string,
  records: readonly FdbRecord[],
  { domains }: State,
): readonly MacSummary[] {
  const running = [...domains].sort((left, right) => Number(left.active) - Number(right.active));
  const owners = new Map(
    running.flatMap((domain) =>
      nicsOf(domain).map(({ mac, index }) => [mac?.toLowerCase(), { domain: domain.name, nic: index }] as const),
    ),
  );
  return records.map((record) => {
    const owner = owners.get(record.mac);
    return { bridge, ...record, domain: owner?.domain, nic: owner?.nic };
  });
}

export function macColumns(several: boolean): readonly Column<MacSummary>[] {
  return [
    ...(several ? [{ heading: 'Bridge', cell: ({ bridge }: MacSummary) => bridge }] : []),
    { heading: 'MAC', cell: ({ mac }) => mac },
    { heading: 'Port', cell: ({ port }) => port },
    { heading: 'VLAN', cell: ({ vlan }) => vlan },
    { heading: 'Domain', cell: ({ domain }) => domain },
    { heading: 'NIC', cell: ({ nic }) => nic },
    {
      heading: 'Seen',
      cell: ({ seen, learned }) => (learned && seen !== undefined ? `${formatDuration(seen)} ago` : 'own'),
    },
  ];
}
