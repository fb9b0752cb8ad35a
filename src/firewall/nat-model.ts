/** The tables of a host as they are once the rules of forwards and source NAT are loaded. */
import type { NatBackend, NatRules } from '../records/nat.ts';
import type { Family } from '../values/address.ts';
import { baseOf } from './iptables.ts';
import { families, findChain, findTable, homes, isJumpTo, libvirtTable, tableFamilies, toolOf } from './nat-home.ts';
import { baseChains } from './nat-text.ts';
import { natMatches, natParts, type NatPart } from './nat.ts';
import type { Base, Chain, Rule, Table } from './ruleset.ts';
import { iptablesWords, nftWords, type Match } from './words.ts';

export function withNat(rules: NatRules, backend: NatBackend, tables: readonly Table[]): readonly Table[] {
  return families.reduce((all, family) => {
    const matches = natMatches(rules, family);
    return natParts.reduce((most, part) => withPart(most, { backend, family, part, matches: matches[part] }), all);
  }, tables);
}

interface Part {
  readonly backend: NatBackend;
  readonly family: Family;
  readonly part: NatPart;
  readonly matches: readonly Match[];
}

function withPart(tables: readonly Table[], { backend, family, part, matches }: Part): readonly Table[] {
  const { table: name, chain: own, callers } = homes[backend][part];
  const known = findTable(tables, backend, family, name);
  if (matches.length === 0 || (known === undefined && name === libvirtTable)) return tables;
  const tool = toolOf[backend];
  const table = known ?? { tool, family: tableFamilies[family], name, chains: [] };
  const rules = matches.map((match): Rule => {
    const words = tool === 'nft' ? nftWords(match) : iptablesWords(match);
    return { text: words.join(' '), ...match };
  });
  const chains = [
    chainOf(table, own, rules),
    ...callers.map((caller) => {
      const { rules: others = [] } = findChain(table, caller) ?? {};
      const jump: Rule = { text: `jump ${own}`, conditions: [], effect: { kind: 'jump', chain: own } };
      return chainOf(table, caller, [jump, ...others.filter((rule) => !isJumpTo(rule, own))]);
    }),
  ];
  const changed = {
    ...table,
    chains: [...table.chains.filter((chain) => !chains.some((each) => each.name === chain.name)), ...chains],
  };
  return [...tables.filter((each) => each !== known), changed];
}

function chainOf(table: Table, name: string, rules: readonly Rule[]): Chain {
  const base = findChain(table, name)?.base ?? newBase(table, name);
  return { name, ...(base ? { base } : {}), rules };
}

function newBase({ tool, name: table }: Table, chain: string): Base | undefined {
  if (tool === 'iptables') return baseOf(table, chain, 'ACCEPT');
  const found = baseChains.find(([name]) => name === chain);
  return found && { hook: found[2], priority: found[3], policy: 'accept', isNat: found[1] === 'nat' };
}
