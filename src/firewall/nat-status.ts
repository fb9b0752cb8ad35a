/** Which rules of port forwards and source NAT are in force. */
import type { NatBackend, NatRules } from '../records/nat.ts';
import { formatRange, type Family, type Range } from '../values/address.ts';
import { admittedLines, isAdmitted } from './admitted.ts';
import { families, findChain, findTable, homes, isCalledFirst, libvirtTable } from './nat-home.ts';
import { natMatches, natParts, type NatMatches, type NatPart } from './nat.ts';
import type { Condition, Effect, PortRange, Rule, Table } from './ruleset.ts';
import type { Match } from './words.ts';

/** The state of one entry's rules. */
export interface NatStatus {
  /** `yes`: all of its rules exist, and the kernel reaches them; `partly`: some; `no`: none. */
  readonly inForce: 'yes' | 'partly' | 'no';
  /** Connections, and packets without one, that its rules have translated. */
  readonly packets: number;
}

/** The rules of one family that exist, by part and key. */
type Present = Readonly<Record<NatPart, ReadonlyMap<string, Rule> | undefined>>;

/** The state of each forward and source NAT, in their order. */
export function natStatuses(
  { forwards, sources }: NatRules,
  backend: NatBackend,
  tables: readonly Table[],
): { readonly forwards: readonly NatStatus[]; readonly sources: readonly NatStatus[] } {
  const present = new Map(families.map((family) => [family, presentIn(tables, backend, family)]));
  const statusOf = (rules: NatRules, family: Family, counting: NatPart): NatStatus => {
    const isComplete = rules.forwards.every((forward) => isAdmitted(forward, tables));
    const matches = natMatches(rules, family);
    const found = partsOf(matches, backend, family, tables).flatMap((part) =>
      matches[part].map((match) => ({ part, rule: present.get(family)?.[part]?.get(keyOf(match)) })),
    );
    const existing = found.filter(({ rule }) => rule !== undefined);
    return {
      inForce: existing.length === found.length && isComplete ? 'yes' : existing.length === 0 ? 'no' : 'partly',
      packets: existing
        .filter(({ part }) => part === counting)
        .reduce((sum, { rule }) => sum + (rule?.packets ?? 0), 0),
    };
  };
  return {
    forwards: forwards.map((forward) => statusOf({ forwards: [forward], sources: [] }, forward.family, 'dnat')),
    sources: sources.map((source) => statusOf({ forwards: [], sources: [source] }, source.family, 'snat')),
  };
}

/** True if exactly these rules exist, and the kernel reaches them before other programs' rules. */
export function isInForce(rules: NatRules, backend: NatBackend, tables: readonly Table[]): boolean {
  if (tables.some((table) => admittedLines(rules, table).length > 0)) return false;
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

/** kvmnet does not create libvirt's table of nftables; without it, no rule rejects anything. */
function partsOf(
  matches: NatMatches,
  backend: NatBackend,
  family: Family,
  tables: readonly Table[],
): readonly NatPart[] {
  const isOpen = backend === 'nftables' && findTable(tables, backend, family, libvirtTable) === undefined;
  return natParts.filter((part) => matches[part].length > 0 && !(part === 'accept' && isOpen));
}

/** A part that the kernel does not reach is undefined. */
function presentIn(tables: readonly Table[], backend: NatBackend, family: Family): Present {
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
  if (condition.on === 'unknown') return condition.text;
  return `${not}${condition.on} ${valuesOf(condition)}`;
}

function valuesOf(condition: Exclude<Condition, { readonly on: 'unknown' }>): string {
  if ('names' in condition) return condition.names.toSorted().join();
  const ranges: readonly (Range | PortRange)[] = condition.ranges;
  return ranges.map((range) => ('start' in range ? formatRange(range) : range.join('-'))).join();
}

function effectText(effect: Effect): string {
  const { kind } = effect;
  if (kind === 'dnat' || kind === 'snat') {
    const { address, ports } = effect;
    return `${kind} ${address ? formatRange(address) : ''} ${ports?.join('-') ?? ''}`;
  }
  return kind === 'jump' || kind === 'goto' ? `${kind} ${effect.chain}` : kind;
}
