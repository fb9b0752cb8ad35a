/** The network of a host as a graph: what carries packets, from the NICs of the host up to the guests. */

/** The kinds of nodes by rank: each rank is drawn above those before it. */
export const ranks = [['nic'], ['bond'], ['vlan', 'macvlan'], ['bridge'], ['network'], ['namespace', 'vm']] as const;

/** A network of libvirt that has a bridge of its own stands for that bridge. */
export type NodeKind = (typeof ranks)[number][number];

/** The place of a kind's rank, from 0. */
export function rankOf(kind: NodeKind): number {
  return ranks.findIndex((kinds: readonly NodeKind[]) => kinds.includes(kind));
}

/** `off`: not running, or set down; `broken`: it should carry packets, and cannot. */
export type Status = 'up' | 'off' | 'broken';

interface Part {
  readonly status: Status;
  /** Why it is broken. */
  readonly problem?: string | undefined;
  /** IP addresses: of a link or network in CIDR form, of a guest as far as they are known. */
  readonly addresses: readonly string[];
  /** Other short facts, the most important first: `nat`, a MAC address, `MTU 9000`. */
  readonly facts: readonly string[];
}

export interface TopologyNode extends Part {
  /** Unique: the kind and the name. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
}

/** `link`: frames pass; `routed`: the host routes packets, with or without NAT; `forward`: ports of the host are forwarded. */
export type EdgeKind = 'link' | 'routed' | 'forward';

export interface TopologyEdge extends Part {
  /** The lower end, nearer to the outside. */
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** The tap of a guest, `NAT`, `routed`, a forwarded port; undefined where nothing needs one. */
  readonly label: string | undefined;
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

/** The id of a node. */
export function nodeId(kind: NodeKind, name: string): string {
  return `${kind}:${name}`;
}
