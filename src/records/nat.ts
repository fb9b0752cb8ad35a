/** Port forwards and source NAT that kvmnet keeps on a host. */

export type Protocol = 'tcp' | 'udp';

/** Port numbers from the first to the last, both included. */
export type PortRange = readonly [first: number, last: number];

/** Packets to ports of the host that are sent on to an address behind it. */
export interface Forward {
  readonly family: 'ipv4' | 'ipv6';
  readonly protocol: Protocol;
  /** The addresses that they are sent to; none: each of the host's own. */
  readonly listen: readonly string[];
  /** The device by which they have to arrive; the host's own packets arrive by none. */
  readonly dev?: string;
  readonly ports: PortRange;
  readonly target: ForwardTarget;
  /** Rules in chains of other programs that would otherwise drop its packets. */
  readonly admitted?: readonly AdmittedRule[];
}

/** A rule of kvmnet's in a chain of another program, as its first one. */
export interface AdmittedRule {
  readonly tool: 'iptables' | 'nft';
  /** As nft has it: `ip`, `ip6`, `inet` or `bridge`. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Its comment, by which it is found again. */
  readonly comment: string;
  /** The rule as the tool takes it. */
  readonly words: readonly string[];
}

export interface ForwardTarget {
  readonly address: string;
  /** The port that the first one of the forward becomes; the others follow it. */
  readonly port: number;
  /** The guest that has the address, with its NIC's MAC address. */
  readonly domain?: string;
  readonly mac?: string;
  /** The libvirt network that the address belongs to. */
  readonly network?: string;
  /** The address was reserved in the network for this forward, and is released with it. */
  readonly reserved?: true;
  /** The subnet that the address is in, in CIDR form, and the device that leads there. */
  readonly subnet: string;
  readonly dev: string;
}

/** Packets from a subnet that get another source address where they leave by a device. */
export interface SourceNat {
  readonly family: 'ipv4' | 'ipv6';
  /** In CIDR form. */
  readonly subnet: string;
  readonly dev: string;
  /** Undefined: the address that the device has at the time (masquerade). */
  readonly to?: string;
}

/** The contents of /etc/kvmnet/nat.json. */
export interface NatRules {
  readonly forwards: readonly Forward[];
  readonly sources: readonly SourceNat[];
}

export const natBackends = ['iptables', 'nftables'] as const;

/** The place of the rules: next to the rules of libvirt, which rejects packets that it does not know. */
export type NatBackend = (typeof natBackends)[number];
