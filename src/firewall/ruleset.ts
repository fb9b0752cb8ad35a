/** The rules of a host's packet filter as one model, whether nftables or iptables has them. @see nft(8), iptables-save(8) */
import type { PortRange } from '../records/nat.ts';
import type { Range } from '../values/address.ts';

/** Where the kernel calls a chain. @see https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks */
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** The packets that a table sees; `bridge` sees the packets that a bridge forwards, `inet` is both `ip` and `ip6`. */
export type TableFamily = 'ip' | 'ip6' | 'inet' | 'bridge';

/** One condition of a rule. Several values of one condition are alternatives. */
export type Condition = { readonly not?: boolean } &
  /** A trailing `*` stands for any end of a name. */
  (
    | { readonly on: 'inDevice' | 'outDevice' | 'inPort' | 'outPort' | 'bridge'; readonly names: readonly string[] }
    | { readonly on: 'source' | 'destination'; readonly ranges: readonly Range[] }
    /** `originalPort` is the port that the flow's first packet was sent to, before any translation. */
    | { readonly on: 'sourcePort' | 'destinationPort' | 'originalPort'; readonly ranges: readonly PortRange[] }
    /** Lower case: `tcp`, `udp`, `icmp`, `icmpv6`, or a number. */
    | { readonly on: 'protocol'; readonly names: readonly string[] }
    | { readonly on: 'family'; readonly names: readonly ('ipv4' | 'ipv6')[] }
    /** Of connection tracking: `new`, `established`, `related`, `invalid`, `untracked`, `dnat`, `snat`. */
    | { readonly on: 'state'; readonly names: readonly string[] }
    /** `local` is an address of the host itself. */
    | { readonly on: 'sourceType' | 'destinationType'; readonly names: readonly string[] }
    /** A condition that depends on more than a packet's addresses: a mark, a limit, the time. */
    | { readonly on: 'unknown'; readonly text: string }
  );

export type { PortRange };

/** The new address and port of a packet; several are alternatives that the kernel chooses from. */
export interface Translation {
  readonly address?: Range;
  readonly ports?: PortRange;
}

/** The effect of a rule on a packet that fulfils its conditions. */
export type Effect =
  | { readonly kind: 'accept' | 'drop' | 'reject' | 'return' | 'none' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | ({ readonly kind: 'dnat' | 'snat' } & Translation)
  | { readonly kind: 'masquerade' | 'redirect'; readonly ports?: PortRange }
  /** The fate of the packet is unknown: a queue to a program, an unknown target. */
  | { readonly kind: 'unknown' };

export interface Rule {
  /** As the tool lists it, without the table and the chain. */
  readonly text: string;
  /** nft's number of the rule; iptables counts from 1 within the chain instead. */
  readonly handle?: number;
  readonly conditions: readonly Condition[];
  readonly effect: Effect;
  readonly comment?: string;
  /** Packets that have met the rule, if it counts them. */
  readonly packets?: number;
}

/** Present in chains that the kernel calls itself. */
export interface Base {
  readonly hook: Hook;
  /** The lower, the earlier. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  readonly isNat: boolean;
}

export interface Chain {
  readonly name: string;
  readonly base?: Base;
  readonly rules: readonly Rule[];
}

export interface Table {
  /** The program that shows and changes it. */
  readonly tool: 'nft' | 'iptables';
  readonly family: TableFamily;
  readonly name: string;
  /** Of iptables-legacy: a table of its own in the kernel, not one of nftables. */
  readonly isLegacy?: boolean;
  readonly chains: readonly Chain[];
}

/** A rule, or the policy of a base chain, by its place. */
export interface Place {
  readonly table: Table;
  readonly chain: Chain;
  /** Undefined: the policy of the chain. */
  readonly rule: Rule | undefined;
}

/**
 * Combines the tables of both tools. iptables-nft keeps its rules in tables of nftables, where nft shows a part of them only:
 * these tables are read from iptables-save. iptables-legacy's tables are separate, although they have the same names.
 */
export function combineTables(nft: readonly Table[], iptables: readonly Table[]): readonly Table[] {
  const isTwice = ({ family, name }: Table): boolean =>
    iptables.some((other) => other.family === family && other.name === name && other.isLegacy !== true);
  return [...nft.filter((table) => !isTwice(table)), ...iptables];
}

/** Formats a place as an administrator looks it up: `table ip filter, chain FORWARD, rule -i br0 -j DROP`. */
export function formatPlace({ table, chain, rule }: Place): string {
  const what = rule === undefined ? `policy ${chain.base?.policy ?? 'accept'}` : `rule ${rule.text}`;
  return `${table.tool} table ${table.family} ${table.name}, chain ${chain.name}, ${what}`;
}
