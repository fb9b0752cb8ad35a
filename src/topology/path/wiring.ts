/** The links of a host, indexed: each look-up takes the same time on a host of any size. */
import type { Link } from '../../records/link.ts';
import { tapOf } from '../../state/membership.ts';
import type { NicOf } from '../../state/leases.ts';
import { nicsOf, type Nic } from '../../state/nics.ts';
import type { DomainState, NetworkState, State } from '../../state/state.ts';
import { groupBy } from '../../values/group-by.ts';
import { assumedLinks } from './assumed-links.ts';

export interface Wiring {
  readonly links: ReadonlyMap<string, Link>;
  /** The ports of bridges and bonds, by the name of these. */
  readonly portsOf: ReadonlyMap<string | undefined, readonly Link[]>;
  /** VLAN, macvlan and macvtap devices, by the device below. */
  readonly uppersOf: ReadonlyMap<string | undefined, readonly Link[]>;
  /** The NICs of running guests, by their device on the host. */
  readonly guestAt: ReadonlyMap<string, NicOf>;
  readonly networks: ReadonlyMap<string, NetworkState>;
  /** The networks whose guests are ports of a bridge, by its name. */
  readonly networkOn: ReadonlyMap<string, NetworkState>;
  /** The links are derived from libvirt's definitions: the host's are out of sight. */
  readonly isAssumed: boolean;
}

/** Indexes the links of a host, or the links that libvirt's definitions imply where the host is out of sight. */
export function wiringOf(state: State): Wiring {
  const all = state.host?.links ?? assumedLinks(state);
  const links = new Map(all.map((link) => [link.name, link]));
  const isUpper = ({ vlan, macvlan }: Link): boolean => vlan !== undefined || macvlan !== undefined;
  return {
    links,
    portsOf: groupBy(
      all.filter(({ master }) => master !== undefined),
      ({ master }) => master,
    ),
    uppersOf: groupBy(all.filter(isUpper), ({ parent }) => parent),
    guestAt: new Map(state.domains.flatMap((domain) => guestDevices(domain, links))),
    networks: new Map(state.networks.map((network) => [network.name, network])),
    networkOn: new Map(
      state.networks.flatMap((network) =>
        network.active && network.bridge !== undefined ? [[network.bridge, network]] : [],
      ),
    ),
    isAssumed: state.host === undefined,
  };
}

function guestDevices(domain: DomainState, links: Wiring['links']): readonly (readonly [string, NicOf])[] {
  return nicsOf(domain).flatMap((nic) => {
    const link = deviceOf(nic, links);
    return link === undefined ? [] : [[link.name, { domain, nic }] as const];
  });
}

/** The device of a running guest's NIC on the host. */
export function deviceOf({ live }: Nic, links: Wiring['links']): Link | undefined {
  const link = links.get(live?.target?.dev ?? '');
  return live && link && tapOf(live, { links: [link], routes: undefined });
}
