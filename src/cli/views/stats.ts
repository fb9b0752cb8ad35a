/** Counters of NICs as people and programs see them. */
import type { Connection } from '../../libvirt/connection.ts';
import type { InterfaceCounters } from '../../libvirt/stats.ts';
import type { Nic } from '../../state/nics.ts';
import type { DomainState } from '../../state/state.ts';
import type { Column } from '../command.ts';

/** From the guest's view: rx is what it has received. Fields as in `--json`. */
export type NicStats = {
  readonly domain: string;
  readonly nic: number;
  /** The device on the host, `vnet3`. */
  readonly interface: string | undefined;
  readonly mac: string | undefined;
  /** Explains missing counters. */
  readonly problem: string | undefined;
} & Partial<InterfaceCounters>;

/** The counters of a running domain's NICs. */
export async function statsOfDomain(
  domain: DomainState,
  nics: readonly Nic[],
  connection: Connection,
): Promise<readonly NicStats[]> {
  const live = nics.filter((nic) => nic.live);
  const devices = live.map((nic) => nic.live?.target?.dev ?? nic.mac ?? '');
  const records = await connection.call('getInterfaceStats', { domain: domain.uuid, devices });
  return live.map((nic, index): NicStats => {
    const record = records[index];
    return {
      domain: domain.name,
      nic: nic.index,
      interface: nic.live?.target?.dev,
      mac: nic.mac,
      ...record?.counters,
      problem: record?.problem,
    };
  });
}

export const statsColumns: readonly Column<NicStats>[] = [
  { heading: 'Domain', cell: ({ domain }) => domain },
  { heading: 'NIC', cell: ({ nic }) => nic },
  { heading: 'Interface', cell: (stats) => stats.interface },
  { heading: 'MAC', cell: ({ mac }) => mac },
  { heading: 'RX bytes', cell: ({ rxBytes }) => rxBytes },
  { heading: 'RX packets', cell: ({ rxPackets }) => rxPackets, isSpare: true },
  { heading: 'RX errors', cell: ({ rxErrors }) => rxErrors, isSpare: true },
  { heading: 'RX drops', cell: ({ rxDrops }) => rxDrops, isSpare: true },
  { heading: 'TX bytes', cell: ({ txBytes }) => txBytes },
  { heading: 'TX packets', cell: ({ txPackets }) => txPackets, isSpare: true },
  { heading: 'TX errors', cell: ({ txErrors }) => txErrors, isSpare: true },
  { heading: 'TX drops', cell: ({ txDrops }) => txDrops, isSpare: true },
  { heading: 'Problem', cell: ({ problem }) => problem, tone: () => 'bad' },
];
