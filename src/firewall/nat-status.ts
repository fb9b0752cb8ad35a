/** Which rules of port forwards and source NAT are in force. */
import type { Forward, NatBackend, NatRules, SourceNat } from '../records/nat.ts';
import { formatRange } from '../values/address.ts';
import { families, findChain, findTable, homes, isCalledFirst, libvirtTable } from './nat-home.ts';
import { natMatches, natParts, type NatMatches, type NatPart } from './nat.ts';
import type { Condition, Effect, Rule, Table } from './ruleset.ts';
import type { Match } from './words.ts';

/** The state of one entry's rules. */
export interface NatStatus {
  /** `yes`: all of its rules are there, and the kernel comes to them; `partly`: some; `no`: none. */
  readonly inForce: 'yes' | 'partly' | 'no';
  /** Connections, and packets without one, that its rules have translated. */
  readonly packets: number;
}

/** What is there of the rules in one family. */
type Present = Readonly<Record<NatPart, ReadonlyMap<string, Rule> | undefined>>;

/** The state of one forward or source NAT. */
export function natStatus(
  rules: { readonly forward: Forward } | { readonly source: SourceNat },
  backend: NatBackend,
  tables: readonly Table[],
): NatStatus {
  const [all, { family }] =
    'forward' in rules
      ? [{ forwards: [rules.forward], sources: [] }, rules.forward]
      : [{ forwards: [], sources: [rules.source] }, rules.source];
  const present = presentIn(tables, backend, family);
  const matches = natMatches(all, family);
  const found = partsOf(matches, backend, family, tables).flatMap((part) =>
    matches[part].map((match) => ({ part, rule: present[part]?.get(keyOf(match)) })),
  );
  const there = found.filter(({ rule }) => rule !== undefined);
  const counting: NatPart = 'forward' in rules ? 'dnat' : 'snat';
  return {
    inForce: there.length === found.length ? 'yes' : there.length === 0 ? 'no' : 'partly',
    packets: there.filter(({ part }) => part === counting).reduce((sum, { rule }) => sum + (rule?.packets ?? 0), 0),
  };
}

/** True where exactly these rules are there, and the kernel comes to them before it comes to others. */
export function isInForce(rules: NatRules, backend: NatBackend, tables: readonly Table[]): boolean {
  return families.every((family) => {
    const present = presentIn(tables, backend, family);
    const matches = natMatches(rules, family);
    return natParts.every((part) => {
      const wanted = partsOf(matches, backend, family, tables).includes(part) ? matches[part].map(keyOf) : [];
      const table = findTable(tables, backend, family, homes[backend][part].table);
      const own = findChain(table, homes[backend][part].chain);
      if (wanted.length === 0) return (own?.rules ?? []).every(({ effect }) => effect.kind === 'jump');
      const there = present[part];
      return there?.size === new Set(wanted).size && wanted.every((key) => there.has(key));
    });
  });
}

/** libvirt's table of nftables, without which nothing is rejected, is not ours to make. */
function partsOf(
  matches: NatMatches,
  backend: NatBackend,
  family: Forward['family'],
  tables: readonly Table[],
): readonly NatPart[] {
  const isOpen = backend === 'nftables' && findTable(tables, backend, family, libvirtTable) === undefined;
  return natParts.filter((part) => matches[part].length > 0 && !(part === 'accept' && isOpen));
}

/** A part that the kernel does not come to is undefined. */
function presentIn(tables: readonly Table[], backend: NatBackend, family: Forward['family']): Present {
  const entries = natParts.map((part) => {
    const { table: name, chain: own, callers } = homes[backend][part];
    const table = findTable(tables, backend, family, name);
    const chain = findChain(table, own);
    const isReached = callers.every((caller) => isCalledFirst(findChain(table, caller), own));
    return [part, chain && isReached ? new Map(chain.rules.map((rule) => [keyOf(rule), rule])) : undefined];
  });
  return Object.fromEntries(entries) as Present;
}

/** Two rules with one key mean the same, in whatever order and by whichever program they are listed. */
function keyOf({ conditions, effect }: Match): string {
  const texts = conditions.filter(({ on }) => on !== 'family').map(conditionText);
  return [...new Set(texts.toSorted()), effectText(effect)].join(' ');
}

function conditionText(condition: Condition): string {
  const not = condition.not === true ? '!' : '';
  switch (condition.on) {
    case 'source':
    case 'destination':
      return `${not}${condition.on} ${condition.ranges.map(formatRange).join()}`;
    case 'sourcePort':
    case 'destinationPort':
      return `${not}${condition.on} ${condition.ranges.join(';')}`;
    case 'unknown':
      return condition.text;
    default:
      return `${not}${condition.on} ${condition.names.join()}`;
  }
}

function effectText(effect: Effect): string {
  const { kind } = effect;
  if (kind === 'dnat' || kind === 'snat') {
    const { address, ports } = effect;
    return `${kind} ${address ? formatRange(address) : ''} ${ports?.join('-') ?? ''}`;
  }
  return kind === 'jump' || kind === 'goto' ? `${kind} ${effect.chain}` : kind;
}
