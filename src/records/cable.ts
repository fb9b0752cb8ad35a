/** A cable to a temporary network namespace, from which connections are tried: addresses in CIDR form. */
export interface Cable {
  /** Of the host's end; empty where that is a port of a bridge. */
  readonly host: readonly string[];
  /** The bridge that the host's end is a port of. */
  readonly bridge?: string;
  /** The port is isolated from other isolated ones. */
  readonly isolated?: boolean;
  /** Seconds that STP needs to let frames pass a new port; 0 without STP. */
  readonly stpDelay?: number;
  /** The VLAN of the port's untagged frames, on a bridge that filters VLANs. */
  readonly vlan?: number;
  /** In place of a cable: a macvlan device on a NIC of the host. */
  readonly macvlan?: { readonly parent: string; readonly mode: string };
  /** Of the namespace. */
  readonly inside: readonly string[];
  readonly gateways: readonly string[];
}
