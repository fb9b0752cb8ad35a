/** Which guests' NICs and which networks use a link of the host. */
import type { Link, NetworkState, State } from '../../state/state.ts';
import { definitionOf, nicsOf } from '../../state/nics.ts';
import type { Interface } from '../../xml/interface.ts';
import { kindOf, nicsOf as devicesOf } from '../network-kind.ts';
import { ownBridge } from '../network-user.ts';

export interface LinkUser {
  readonly domain: string;
  /** Its index, as libvirt lists the domain's NICs. */
  readonly nic: number;
  readonly mac: string | undefined;
  /** Its device on the host, while it is plugged in. */
  readonly interface: string | undefined;
  /** Plugged in now. */
  readonly live: boolean;
  /** In the definition of the next boot. */
  readonly config: boolean;
}

export interface LinkUse {
  readonly nics: readonly LinkUser[];
  /** Names of networks: those whose own bridge it is, and those that are a name for it. */
  readonly networks: readonly string[];
}

const unused: LinkUse = { nics: [], networks: [] };

/** Who uses each link, looked up by its name: a host may have hundreds of both, so all is joined once. */
export function linkUses({ domains, networks, host }: State): (link: string) => LinkUse {
  const links = new Map(host?.links.map((link) => [link.name, link]));
  const uses = new Map<string, { nics: LinkUser[]; networks: string[] }>();
  const useOf = (link: string): { nics: LinkUser[]; networks: string[] } => {
    const use = uses.get(link) ?? { nics: [], networks: [] };
    uses.set(link, use);
    return use;
  };
  const devices = new Map(networks.map((network) => [network.name, linksOfNetwork(network)]));
  for (const [name, used] of devices) for (const link of used) useOf(link).networks.push(name);
  for (const domain of domains) {
    for (const nic of nicsOf(domain)) {
      const live = linksOfNic(nic.live, devices, links);
      const config = linksOfNic(nic.config, devices);
      const { index, mac } = nic;
      for (const link of new Set([...live, ...config])) {
        useOf(link).nics.push({
          ...{ domain: domain.name, nic: index, mac },
          interface: live.includes(link) ? definitionOf(nic)?.target?.dev : undefined,
          live: live.includes(link),
          config: config.includes(link),
        });
      }
    }
  }
  return (link) => uses.get(link) ?? unused;
}

/** The kernel's word for a NIC that is plugged in, where its tap is in sight; else its definition's. */
function linksOfNic(
  nic: Interface | undefined,
  devices: ReadonlyMap<string, readonly string[]>,
  links?: ReadonlyMap<string, Link>,
): readonly string[] {
  if (!nic) return [];
  const { source, target } = nic;
  const master = links?.get(target?.dev ?? '')?.master;
  if (master !== undefined && master !== 'ovs-system') return [master];
  if (source?.network !== undefined) return devices.get(source.network) ?? [];
  return [source?.bridge ?? (nic.type === 'direct' ? source?.dev : undefined)].filter((link) => link !== undefined);
}

function linksOfNetwork(network: NetworkState): readonly string[] {
  const own = ownBridge(network);
  if (own !== undefined) return [own];
  const kind = kindOf(network.network);
  if (kind === 'bridge') return [network.network.bridge?.name].filter((name) => name !== undefined);
  return kind === 'macvtap' ? devicesOf(network.network) : [];
}
