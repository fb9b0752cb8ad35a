/** The kernel's links, addresses and routes as kvmnet knows them: read by host/, kept in State, planned with. */

/** A network device as `ip -j -d address` shows it. */
export interface Link extends LinkDetail {
  readonly name: string;
  readonly index: number;
  /** `ether`, `loopback`, `none`, `infiniband`, …: ARPHRD in iproute2's words. */
  readonly type: string;
  /** rtnl link kind: `bridge`, `veth`, `tun`, `vlan`, `bond`, `openvswitch`, …; undefined for a physical NIC. */
  readonly kind: string | undefined;
  readonly mac: string | undefined;
  readonly mtu: number;
  readonly up: boolean;
  /** The bridge, bond or VRF that it is a port of. */
  readonly master: string | undefined;
  readonly wireless: boolean;
  readonly addresses: readonly Address[];
}

export interface Address {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  /** The address of the other end, where the prefix is that one's. */
  readonly peer?: string;
  /** `global`, `site`, `link` or `host`. */
  readonly scope?: string;
  readonly broadcast?: string;
  readonly label?: string;
  /** Of the route to its subnet. */
  readonly metric?: number;
  /** Seconds that it is valid, and preferred, from now on; absent: for ever. */
  readonly validSeconds?: number;
  readonly preferredSeconds?: number;
  /** Flags of ip-address(8). */
  readonly temporary?: true;
  readonly mngtmpaddr?: true;
  readonly noprefixroute?: true;
  readonly nodad?: true;
}

/** A route of any table, IPv4 or IPv6; local and broadcast entries are left out. */
export interface Route {
  /** In CIDR form; the default route is `0.0.0.0/0` or `::/0`. */
  readonly destination: string;
  readonly gateway: string | undefined;
  readonly dev: string | undefined;
  /** `main`, or the name or number of a policy table. */
  readonly table: string;
  /** `unreachable`, `blackhole`, …; absent: unicast. */
  readonly type?: string;
  readonly metric?: number;
  /** Origin of the route: `kernel`, `ra`, `dhcp`, `static`, … */
  readonly protocol?: string;
  readonly scope?: string;
  /** The address that is used as the source. */
  readonly source?: string;
  readonly onlink?: true;
  /** Numbers for TCP: `mtu`, `advmss`, `initcwnd`, … */
  readonly metrics?: Readonly<Record<string, number>>;
  /** RFC 4191's `low` or `high`; absent: `medium`. */
  readonly preference?: string;
  /** Devices of a route with several gateways. */
  readonly nexthops?: readonly string[];
}

/** Details of a link, apart from its name and addresses. */
export interface LinkDetail {
  /** `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN`, …: RFC 2863's ifOperStatus. */
  readonly operstate: string;
  /** The device below a VLAN or macvlan device, or the other end of a veth in this namespace. */
  readonly parent: string | undefined;
  /** The network namespace of the other end of a cable, if ip-netns(8) knows it by a name. */
  readonly netns?: string;
  /** The MAC that the hardware came with, where another one is set. */
  readonly permanentMac: string | undefined;
  readonly vlan?: VlanSettings;
  readonly bridge?: BridgeSettings;
  readonly port?: PortSettings;
  readonly bond?: BondSettings;
  readonly macvlan?: { readonly mode: string };
  /** The VLANs that a port of a bridge is in, or a bridge itself; absent where they were not read. */
  readonly vlans?: readonly PortVlan[];
}

/** A VLAN that a port of a bridge, or a bridge itself, is in: bridge(8). */
export interface PortVlan {
  readonly id: number;
  /** The VLAN of what comes in without a tag. */
  readonly pvid: boolean;
  /** Its frames leave without a tag. */
  readonly untagged: boolean;
}

export interface VlanSettings {
  readonly id: number;
  /** `802.1Q` or `802.1ad`. */
  readonly protocol: string;
}

/** Times in seconds. */
export interface BridgeSettings {
  readonly stp: boolean;
  readonly forwardDelay: number;
  readonly helloTime: number;
  readonly maxAge: number;
  readonly ageingTime: number;
  readonly priority: number;
  readonly vlanFiltering: boolean;
  /** `8000.52:54:00:00:00:01`: priority and MAC. */
  readonly id: string;
  readonly root: string;
  readonly rootPathCost: number;
  readonly topologyChanges: boolean;
}

/** A link as a port of a bridge. */
export interface PortSettings {
  /** `forwarding`, `blocking`, `learning`, `listening` or `disabled`. */
  readonly state: string;
  readonly cost: number;
  readonly priority: number;
  readonly hairpin: boolean;
  readonly isolated: boolean;
  readonly guard: boolean;
}

export interface BondSettings {
  readonly mode: string;
  /** Milliseconds between two checks of the ports' links; 0 is never. */
  readonly miimon: number;
  /** Milliseconds between two ARP requests, the other way to check them; undefined where none are sent. */
  readonly arpInterval?: number;
  readonly active: string | undefined;
  readonly primary: string | undefined;
}
