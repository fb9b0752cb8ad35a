/** Parses what `nft -j list ruleset` prints. @see libnftables-json(5) */
import { groupBy } from '../values/group-by.ts';
import { addressRange, conditionOf, portRange, type Json, type Sets } from './nft-match.ts';
import type {
  Base,
  Chain,
  Condition,
  Effect,
  Hook,
  PortRange,
  Rule,
  Table,
  TableFamily,
  Translation,
} from './ruleset.ts';
import { isWritten, nftWords, type Match } from './words.ts';

interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly type?: string;
  readonly hook?: string;
  readonly prio?: number;
  readonly policy?: string;
}

interface NftRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle?: number;
  readonly comment?: string;
  readonly expr?: readonly Json[];
}

interface NftSet {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly elem?: readonly unknown[];
}

interface NftEntry {
  readonly table?: { readonly family: string; readonly name: string };
  readonly chain?: NftChain;
  readonly rule?: NftRule;
  readonly set?: NftSet;
  readonly map?: NftSet;
}

const families: readonly string[] = ['ip', 'ip6', 'inet', 'bridge'] satisfies readonly TableFamily[];
const hooks: readonly string[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'] satisfies readonly Hook[];

/** @returns the tables of the families ip, ip6, inet and bridge; tables of arp and netdev see no routed packet */
export function parseNftRuleset(text: string): readonly Table[] {
  const { nftables: entries } = JSON.parse(text) as { readonly nftables: readonly NftEntry[] };
  return entries.flatMap(({ table }) => {
    if (table === undefined || !families.includes(table.family)) return [];
    const isHere = (part: { readonly family: string; readonly table: string } | undefined): boolean =>
      part?.family === table.family && part.table === table.name;
    const sets = setsOf(
      entries.flatMap(({ set, map }) => [set, map]).filter((set) => set !== undefined && isHere(set)),
    );
    const rules = groupBy(
      entries.flatMap(({ rule }) => (rule && isHere(rule) ? [rule] : [])),
      ({ chain }) => chain,
    );
    const chains = entries.flatMap(({ chain }) => (chain && isHere(chain) ? [chainOf(chain, rules, sets)] : []));
    return [{ tool: 'nft', family: table.family as TableFamily, name: table.name, chains }];
  });
}

function setsOf(sets: readonly (NftSet | undefined)[]): Sets {
  return new Map(sets.flatMap((set) => (set ? [[set.name, set.elem ?? []]] : [])));
}

function chainOf(chain: NftChain, rules: ReadonlyMap<string, readonly NftRule[]>, sets: Sets): Chain {
  const base = baseOf(chain);
  return {
    name: chain.name,
    ...(base ? { base } : {}),
    rules: (rules.get(chain.name) ?? []).flatMap((rule) => rulesOf(rule, sets)),
  };
}

function baseOf({ hook, prio = 0, policy, type }: NftChain): Base | undefined {
  if (hook === undefined || !hooks.includes(hook)) return undefined;
  return { hook: hook as Hook, priority: prio, policy: policy === 'drop' ? 'drop' : 'accept', isNat: type === 'nat' };
}

/** A rule with a verdict map becomes a rule for each of its elements. */
function rulesOf({ handle, comment, expr = [] }: NftRule, sets: Sets): readonly Rule[] {
  const conditions: Condition[] = [];
  let packets: number | undefined;
  const rule = (effect: Effect, more: readonly Condition[] = []): Rule => ({
    text: textOf({ conditions: [...conditions, ...more], effect }, expr, handle),
    conditions: [...conditions, ...more],
    effect,
    ...(handle === undefined ? {} : { handle }),
    ...(comment === undefined ? {} : { comment }),
    ...(packets === undefined ? {} : { packets }),
  });
  for (const statement of expr) {
    const [kind = '', value] = Object.entries(statement)[0] ?? [];
    if (kind === 'match') conditions.push(...conditionOf(value as Json, sets));
    else if (kind === 'counter') packets = (value as { readonly packets?: number } | null)?.packets;
    else if (kind === 'vmap')
      return branchesOf(value as Json, sets).map(([condition, effect]) => rule(effect, condition));
    else if (uncertain.has(kind)) conditions.push({ on: 'unknown', text: JSON.stringify(statement) });
    else if (kind in effects || kind === 'xt') return [rule(effectOf(kind, value))];
  }
  return [rule({ kind: 'none' })];
}

/** Statements after which a rule may end. */
const uncertain = new Set(['limit', 'quota', 'ct count', 'last']);

function branchesOf(vmap: Json, sets: Sets): readonly (readonly [readonly Condition[], Effect])[] {
  return elementsOf(vmap['data'], sets).flatMap((pair) => {
    if (!Array.isArray(pair)) return [];
    const [right, verdict] = pair as readonly unknown[];
    const [kind = '', value] = Object.entries((verdict ?? {}) as Json)[0] ?? [];
    return [[conditionOf({ op: '==', left: vmap['key'], right }, sets), effectOf(kind, value)] as const];
  });
}

function elementsOf(data: unknown, sets: Sets): readonly unknown[] {
  if (typeof data === 'string') return sets.get(data.replace(/^@/, '')) ?? [];
  const { set = [] } = (data ?? {}) as { readonly set?: readonly unknown[] };
  return set;
}

const effects: Readonly<Record<string, (value: unknown) => Effect>> = {
  accept: () => ({ kind: 'accept' }),
  drop: () => ({ kind: 'drop' }),
  reject: () => ({ kind: 'reject' }),
  return: () => ({ kind: 'return' }),
  continue: () => ({ kind: 'none' }),
  queue: () => ({ kind: 'unknown' }),
  tproxy: () => ({ kind: 'unknown' }),
  jump: (value) => ({ kind: 'jump', chain: (value as { readonly target: string }).target }),
  goto: (value) => ({ kind: 'goto', chain: (value as { readonly target: string }).target }),
  dnat: (value) => ({ kind: 'dnat', ...translationOf(value) }),
  snat: (value) => ({ kind: 'snat', ...translationOf(value) }),
  masquerade: (value) => ({ kind: 'masquerade', ...portsIn(value) }),
  redirect: (value) => ({ kind: 'redirect', ...portsIn(value) }),
};

function effectOf(kind: string, value: unknown): Effect {
  return effects[kind]?.(value) ?? { kind: 'unknown' };
}

function translationOf(value: unknown): Translation {
  const { addr } = (value ?? {}) as { readonly addr?: unknown };
  const address = addressRange(addr);
  return { ...(address ? { address } : {}), ...portsIn(value) };
}

function portsIn(value: unknown): { readonly ports?: PortRange } {
  const { port } = (value ?? {}) as { readonly port?: unknown };
  const ports = portRange(port);
  return ports ? { ports } : {};
}

/** nft's JSON has no text of a rule: `tcp dport 80 accept # handle 7`, as nft -a lists it, or JSON; without counters and comments. */
function textOf(match: Match, expr: readonly Json[], handle: number | undefined): string {
  if (!isWritten(match)) return JSON.stringify(expr.filter((statement) => !('counter' in statement)));
  return `${nftWords(match).join(' ')}${handle === undefined ? '' : ` # handle ${String(handle)}`}`;
}
