/** Details of each kind of link, as `ip -j -d` prints them below `linkinfo`. @see ip-link(8) */

import type { BondSettings, BridgeSettings, LinkDetail, PortSettings } from '../../records/link.ts';

/** The output of iproute2. */
export interface IpLinkDetail {
  readonly operstate?: string;
  readonly link?: string | null;
  readonly permaddr?: string;
  readonly link_netns?: string;
  readonly link_netnsid?: number;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: Readonly<Record<string, unknown>>;
    readonly info_slave_kind?: string;
    readonly info_slave_data?: Readonly<Record<string, unknown>>;
  };
}

export function linkDetail({ operstate, link, link_netns: netns, permaddr, linkinfo = {} }: IpLinkDetail): LinkDetail {
  const { info_kind: kind, info_data: data = {}, info_slave_kind: slave, info_slave_data: port = {} } = linkinfo;
  return {
    operstate: operstate ?? 'UNKNOWN',
    parent: link ?? undefined,
    permanentMac: permaddr,
    ...(netns === undefined ? {} : { netns }),
    ...(kind === 'vlan' ? { vlan: { id: number(data.id), protocol: text(data.protocol) ?? '802.1Q' } } : {}),
    ...(kind === 'bridge' ? { bridge: bridgeSettings(data) } : {}),
    ...(slave === 'bridge' ? { port: portSettings(port) } : {}),
    ...(kind === 'bond' ? { bond: bondSettings(data) } : {}),
    ...(kind === 'macvlan' || kind === 'macvtap' ? { macvlan: { mode: text(data.mode) ?? 'vepa' } } : {}),
  };
}

type Data = Readonly<Record<string, unknown>>;

/** The kernel counts in hundredths of a second. */
const seconds = (value: unknown): number => number(value) / 100;

function bridgeSettings(data: Data): BridgeSettings {
  return {
    stp: number(data.stp_state) !== 0,
    forwardDelay: seconds(data.forward_delay),
    helloTime: seconds(data.hello_time),
    maxAge: seconds(data.max_age),
    ageingTime: seconds(data.ageing_time),
    priority: number(data.priority),
    vlanFiltering: number(data.vlan_filtering) !== 0,
    id: text(data.bridge_id) ?? '',
    root: text(data.root_id) ?? '',
    rootPathCost: number(data.root_path_cost),
    topologyChanges: number(data.topology_change) !== 0,
  };
}

function portSettings(data: Data): PortSettings {
  return {
    state: text(data.state) ?? 'unknown',
    cost: number(data.cost),
    priority: number(data.priority),
    hairpin: data.hairpin === true,
    isolated: data.isolated === true,
    guard: data.guard === true,
  };
}

function bondSettings(data: Data): BondSettings {
  return {
    mode: text(data.mode) ?? '',
    miimon: number(data.miimon),
    ...(number(data.arp_interval) > 0 ? { arpInterval: number(data.arp_interval) } : {}),
    active: text(data.active_slave),
    primary: text(data.primary),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
