/** VLAN devices of the host as people and programs see them. */
import { linkUses, type LinkUser } from '../../plan/host/link-users.ts';
import { cidr } from '../../plan/host/wanted.ts';
import { naturalOrder } from '../../values/natural.ts';
import type { State } from '../../state/state.ts';
import type { Column } from '../command.ts';
import { domainsOf, fewOf } from './link.ts';

export interface VlanSummary {
  readonly name: string;
  readonly parent: string | undefined;
  readonly id: number;
  /** `802.1Q` or `802.1ad`. */
  readonly protocol: string;
  readonly up: boolean;
  /** Its master. */
  readonly bridge: string | undefined;
  /** Its own, and its bridge's. */
  readonly addresses: readonly string[];
  readonly nics: readonly LinkUser[];
  readonly networks: readonly string[];
}

/** By their parents, and then by their IDs. */
export function summarizeVlans(state: State): readonly VlanSummary[] {
  const links = state.host?.links ?? [];
  const byName = new Map(links.map((link) => [link.name, link]));
  const usesOf = linkUses(state);
  const rows = links.flatMap(({ name, parent, vlan, up, master, addresses }): readonly VlanSummary[] => {
    if (!vlan) return [];
    const uses = [name, ...(master === undefined ? [] : [master])].map(usesOf);
    const own = [...addresses, ...(byName.get(master ?? '')?.addresses ?? [])];
    return [
      {
        ...{ name, parent, id: vlan.id, protocol: vlan.protocol, up, bridge: master },
        addresses: own.filter(({ family, scope }) => family === 'ipv4' || scope !== 'link').map(cidr),
        nics: uses.flatMap(({ nics }) => nics),
        networks: uses.flatMap(({ networks }) => networks),
      },
    ];
  });
  const parent = ({ parent: name = '' }: VlanSummary): string => name;
  return [...rows].sort((left, right) => naturalOrder(parent(left), parent(right)) || left.id - right.id);
}

export function vlanColumns(forPeople: boolean): readonly Column<VlanSummary>[] {
  const few = (names: readonly string[]): string => fewOf(names, forPeople);
  return [
    { heading: 'Device', cell: ({ name }) => name },
    { heading: 'Parent', cell: ({ parent }) => parent },
    { heading: 'ID', cell: ({ id }) => id },
    { heading: 'Bridge', cell: ({ bridge }) => bridge },
    { heading: 'State', cell: ({ up }) => (up ? 'up' : 'down'), tone: ({ up }) => (up ? undefined : 'bad') },
    { heading: 'Address', cell: ({ addresses }) => few(addresses) },
    { heading: 'VMs', cell: ({ nics }) => few(domainsOf(nics)) },
    { heading: 'Network', cell: ({ networks }) => few(networks), isSpare: true },
  ];
}
