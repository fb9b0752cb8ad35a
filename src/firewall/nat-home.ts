/** The chains of the rules of port forwards and source NAT, and how the kernel comes to them. */
import type { NatBackend } from '../records/nat.ts';
import type { Family } from '../values/address.ts';
import type { NatPart } from './nat.ts';
import type { Chain, Rule, Table } from './ruleset.ts';

export interface Home {
  readonly table: string;
  readonly chain: string;
  /** The chains that have to call it with their first rule; none: the kernel itself does. */
  readonly callers: readonly string[];
}

/** nft's own table, and the one that libvirt keeps its rules in since 10.4. */
export const nftTable = 'kvmnet';
export const libvirtTable = 'libvirt_network';

/**
 * An accepted packet is accepted in its table only, and libvirt rejects what it does not know in its own: our accept has to come before that.
 * @see docs/decisions/0015-rules-before-those-of-libvirt.md
 */
export const homes: Readonly<Record<NatBackend, Readonly<Record<NatPart, Home>>>> = {
  iptables: {
    guard: { table: 'raw', chain: 'KVMNET_RAW', callers: ['PREROUTING'] },
    dnat: { table: 'nat', chain: 'KVMNET_DNAT', callers: ['PREROUTING', 'OUTPUT'] },
    snat: { table: 'nat', chain: 'KVMNET_SNAT', callers: ['POSTROUTING'] },
    accept: { table: 'filter', chain: 'KVMNET_FWD', callers: ['FORWARD'] },
  },
  nftables: {
    guard: { table: nftTable, chain: 'guard', callers: [] },
    dnat: { table: nftTable, chain: 'forwards', callers: ['prerouting', 'output'] },
    snat: { table: nftTable, chain: 'postrouting', callers: [] },
    accept: { table: libvirtTable, chain: 'kvmnet', callers: ['forward'] },
  },
};

export const families: readonly Family[] = ['ipv4', 'ipv6'];
export const tableFamilies = { ipv4: 'ip', ipv6: 'ip6' } as const;

export const toolOf = { iptables: 'iptables', nftables: 'nft' } as const satisfies Readonly<
  Record<NatBackend, Table['tool']>
>;

/** The table of one backend and family; undefined where it does not exist. */
export function findTable(
  tables: readonly Table[],
  backend: NatBackend,
  family: Family,
  name: string,
): Table | undefined {
  return tables.find(
    (each) => each.tool === toolOf[backend] && each.family === tableFamilies[family] && each.name === name,
  );
}

export function findChain(table: Table | undefined, name: string): Chain | undefined {
  return table?.chains.find((chain) => chain.name === name);
}

/** The rules of a caller that call a chain. */
export function jumpsTo(caller: Chain | undefined, chain: string): readonly Rule[] {
  return (caller?.rules ?? []).filter((rule) => isJumpTo(rule, chain));
}

/** True where the caller's first rule calls the chain, and no other one does. */
export function isCalledFirst(caller: Chain | undefined, chain: string): boolean {
  const [first] = caller?.rules ?? [];
  return first !== undefined && isJumpTo(first, chain) && jumpsTo(caller, chain).length === 1;
}

/** True for a rule that calls the chain with every packet. */
export function isJumpTo({ conditions, effect }: Rule, chain: string): boolean {
  return conditions.length === 0 && effect.kind === 'jump' && effect.chain === chain;
}

/** Returns the backend of libvirt's own rules; undefined where it has none yet. */
export function backendOf(tables: readonly Table[]): NatBackend | undefined {
  if (tables.some(({ tool, name }) => tool === 'nft' && name === libvirtTable)) return 'nftables';
  const isLibvirts = ({ name }: Chain): boolean => name.startsWith('LIBVIRT_');
  return tables.some(({ tool, chains }) => tool === 'iptables' && chains.some(isLibvirts)) ? 'iptables' : undefined;
}
