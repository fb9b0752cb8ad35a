/** The way of packets between two ends of a host's network, as `kvmnet path` reports it. */

/** The kinds of hops, from a guest down to the cable, and what the host itself does with a packet. */
export type HopKind =
  | 'guest'
  | 'namespace'
  | 'host'
  | 'tap'
  | 'macvtap'
  | 'port'
  | 'bridge'
  | 'vlan'
  | 'bond'
  | 'nic'
  | 'cable'
  | 'outside'
  | 'gateway'
  | 'forward'
  | 'firewall'
  | 'route'
  | 'nat';

/** One hop; fields as in `--json`. */
export interface Hop {
  readonly kind: HopKind;
  /** Of the guest, the device, the rule or the route: text of others. */
  readonly name: string;
  /** The device of the host by which packets pass; undefined for others: a guest, a rule. */
  readonly device: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  /** The VLAN of the frames here, where they have a tag, or a bridge filters by VLAN. */
  readonly vlan: number | undefined;
  /** An IP address of the guest or the gateway; of `nat` the new one. */
  readonly address: string | undefined;
  /** The MAC address of a guest's NIC. */
  readonly mac: string | undefined;
  /** Why packets get no further; undefined where they pass. */
  readonly problem: string | undefined;
}

/** `unknown`: packets leave what this host knows of, or pass what it cannot judge. */
export type Verdict = 'reachable' | 'unreachable' | 'unknown';

export interface Path {
  /** The ends, as they are called in the reason: `VM1`, `the host`, `the outside`, an address. */
  readonly from: string;
  readonly to: string;
  /** In the order in which a packet passes them, up to the one with the problem. */
  readonly hops: readonly Hop[];
  readonly verdict: Verdict;
  /** One sentence. */
  readonly reason: string;
  /** Packets arrive, but their answers do not come back. */
  readonly isOneWay: boolean;
  /** Facts that the verdict does not depend on: MTUs that differ, a router that this host does not see. */
  readonly warnings: readonly string[];
}

export interface PathRequest {
  /** `VM`, `VM:NIC`, a network namespace, `host`, `outside` or an IP address. */
  readonly from: string;
  /** The same; undefined: the outside. */
  readonly to?: string | undefined;
  /** A port of TO; undefined: ICMP. */
  readonly port?: { readonly number: number; readonly protocol: 'tcp' | 'udp' } | undefined;
}
