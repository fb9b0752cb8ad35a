/** The kernel's links, addresses and routes, as iproute2 prints them in JSON. */
import { existsSync } from 'node:fs';
import { run, type RunOptions } from './run.ts';

/** A network device with its addresses; the words are iproute2's. */
export interface LinkRecord {
  readonly name: string;
  readonly index: number;
  /** ARPHRD in iproute2's words: `ether`, `loopback`, `none`, … */
  readonly type: string;
  /** `bridge`, `veth`, `tun`, `vlan`, …; undefined for a physical NIC. */
  readonly kind: string | undefined;
  readonly mac: string | undefined;
  readonly mtu: number;
  readonly up: boolean;
  readonly master: string | undefined;
  readonly wireless: boolean;
  readonly addresses: readonly AddressRecord[];
}

export interface AddressRecord {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

export interface RouteRecord {
  /** In CIDR form; the default route is `0.0.0.0/0` or `::/0`. */
  readonly destination: string;
  readonly gateway: string | undefined;
  readonly dev: string | undefined;
  readonly table: string;
}

interface IpLink {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_type: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly address?: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly master?: string;
  readonly addr_info?: readonly { readonly family: string; readonly local?: string; readonly prefixlen: number }[];
}

interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly table?: string;
}

/** All links with their addresses, also those that are down. Source: ip-address(8). */
export async function readLinks(options: RunOptions = {}): Promise<LinkRecord[]> {
  const links = parse(await run('ip', ['-j', '-d', 'address', 'show'], options)) as readonly IpLink[];
  // iproute2 prints {} for a link that vanished while it looked.
  return links.filter((link) => 'ifname' in link).map(linkRecord);
}

/** All routes of all tables and both families, without those that the kernel keeps for its own addresses. Source: ip-route(8). */
export async function readRoutes(options: RunOptions = {}): Promise<RouteRecord[]> {
  const [inet, inet6] = await Promise.all(
    ['-4', '-6'].map((family) => run('ip', ['-j', family, 'route', 'show', 'table', 'all'], options)),
  );
  return [...routeRecords(inet ?? '', '0.0.0.0/0', 32), ...routeRecords(inet6 ?? '', '::/0', 128)];
}

/** iproute2 prints nothing at all, not `[]`, where there is nothing. */
function parse(json: string): unknown {
  return json.trim() === '' ? [] : JSON.parse(json);
}

function linkRecord(link: IpLink): LinkRecord {
  return {
    name: link.ifname,
    index: link.ifindex,
    type: link.link_type,
    kind: link.linkinfo?.info_kind,
    mac: link.address,
    mtu: link.mtu,
    up: link.flags.includes('UP'),
    master: link.master,
    wireless: existsSync(`/sys/class/net/${link.ifname}/phy80211`),
    addresses: (link.addr_info ?? []).flatMap(({ family, local, prefixlen }) =>
      local === undefined
        ? []
        : [{ family: family === 'inet' ? 'ipv4' : 'ipv6', address: local, prefix: prefixlen } as const],
    ),
  };
}

const ownRoutes: readonly string[] = ['local', 'broadcast', 'anycast', 'multicast'];

function routeRecords(json: string, everything: string, bits: number): RouteRecord[] {
  return (parse(json) as readonly IpRoute[])
    .filter(({ type }) => !ownRoutes.includes(type ?? 'unicast'))
    .map(({ dst, gateway, dev, table }) => ({
      destination: dst === 'default' ? everything : dst.includes('/') ? dst : `${dst}/${String(bits)}`,
      gateway,
      dev,
      table: table ?? 'main',
    }));
}
