/** What is particular to a kind of network device. */

/** What a link is beside its name and addresses. */
export interface LinkDetail {
  /** `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN`, …: RFC 2863's ifOperStatus. */
  readonly operstate: string;
  /** The device below a VLAN or macvlan device, or the other end of a veth in this namespace. */
  readonly parent: string | undefined;
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
  /** Milliseconds between two looks at the ports' links; 0 is never. */
  readonly miimon: number;
  readonly active: string | undefined;
  readonly primary: string | undefined;
}
