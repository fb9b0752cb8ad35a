/** Which guests' NICs and which networks use a link of the host. */
import type { NetworkState, State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import { definitionOf, nicsOf } from '../../state/nics.ts';
import type { Interface } from '../../xml/interface.ts';
import type { Network } from '../../xml/network.ts';
import { isVirtual, kindOf, nicsOf as devicesOf } from '../../state/network-kind.ts';
import { ownBridge } from '../../state/network-user.ts';

export interface LinkUser {
  readonly domain: string;
  /** Its index, as libvirt lists the domain's NICs. */
  readonly nic: number;
  readonly mac: string | undefined;
  /** Its device on the host, while it is attached. */
  readonly interface: string | undefined;
  /** Attached now. */
  readonly live: boolean;
  /** In the definition of the next boot. */
  readonly config: boolean;
}

export interface LinkUse {
  readonly nics: readonly LinkUser[];
  /** Names of networks: networks whose own bridge it is, and networks that are a name for it. */
  readonly networks: readonly string[];
  /** Names of NAT and routed networks whose packets may leave by it alone. */
  readonly outbound: readonly string[];
  /** Names of networks that give guests its virtual functions. */
  readonly functions: readonly string[];
}

const unused: LinkUse = { nics: [], networks: [], outbound: [], functions: [] };

/** Who uses each link, looked up by its name: a host may have hundreds of both, so all is joined once. */
export function linkUses({ domains, networks, host }: State): (link: string) => LinkUse {
  const links = new Map(host?.links.map((link) => [link.name, link]));
  const uses = new Map<string, { [K in keyof LinkUse]: LinkUse[K][number][] }>();
  const useOf = (link: string) => {
    const use = uses.get(link) ?? { nics: [], networks: [], outbound: [], functions: [] };
    uses.set(link, use);
    return use;
  };
  const devices = new Map(networks.map((network) => [network.name, linksOfNetwork(network)]));
  for (const [name, used] of devices) for (const link of used) useOf(link).networks.push(name);
  for (const network of networks) {
    for (const link of outboundOf(network)) useOf(link).outbound.push(network.name);
    for (const link of functionsOf(network)) useOf(link).functions.push(network.name);
  }
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

/** The master of an attached NIC's tap if the kernel can be read; otherwise the bridge in its definition. */
function linksOfNic(
  nic: Interface | undefined,
  devices: ReadonlyMap<string, readonly string[]>,
  links?: ReadonlyMap<string, Link>,
): readonly string[] {
  if (!nic) return [];
  const { source, target } = nic;
  const tap = links?.get(target?.dev ?? '');
  if (tap?.kind === 'macvtap' && tap.parent !== undefined) return [tap.parent];
  if (tap?.master !== undefined && tap.master !== 'ovs-system') return [tap.master];
  if (source?.network !== undefined) return devices.get(source.network) ?? [];
  return [source?.bridge ?? (nic.type === 'direct' ? source?.dev : undefined)].filter((link) => link !== undefined);
}

/** By both definitions: what a network needs now, and at its next start. */
function definitionsOf({ network, inactive }: NetworkState): readonly Network[] {
  return inactive === undefined || inactive === network ? [network] : [network, inactive];
}

function linksOfNetwork(state: NetworkState): readonly string[] {
  const all = definitionsOf(state).flatMap((network) => {
    const own = ownBridge({ ...state, network });
    if (own !== undefined) return [own];
    const kind = kindOf(network);
    if (kind === 'bridge') return [network.bridge?.name].filter((name) => name !== undefined);
    return kind === 'macvtap' ? devicesOf(network) : [];
  });
  return [...new Set(all)];
}

function outboundOf(state: NetworkState): readonly string[] {
  const all = definitionsOf(state).flatMap((network) => (isVirtual(kindOf(network)) ? devicesOf(network) : []));
  return [...new Set(all)];
}

function functionsOf(state: NetworkState): readonly string[] {
  const all = definitionsOf(state).map(({ forward }) => forward?.pf?.dev);
  return [...new Set(all)].filter((dev) => dev !== undefined);
}
