/** Rules of kvmnet's in chains of other programs, which would otherwise drop the packets of a forward. */
import type { AdmittedRule, Forward, NatRules } from '../records/nat.ts';
import type { Rule, Table } from './ruleset.ts';

/** Comments of these rules begin with it. */
export const mark = 'kvmnet:';

/** The tables of a host without the rules that admit a forward. */
export function withoutAdmitted(tables: readonly Table[], name: string): readonly Table[] {
  const isOther = ({ comment }: Rule): boolean => comment?.startsWith(`${mark}${name}:`) !== true;
  return tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.filter(isOther) })),
  }));
}

/** The lines that insert missing rules into a table of another program, and delete the rules that no forward needs any more. */
export function admittedLines({ forwards }: NatRules, table: Table): readonly string[] {
  const wanted = forwards
    .flatMap(({ admitted = [] }) => admitted)
    .filter((rule) => rule.tool === table.tool && rule.family === table.family && rule.table === table.name);
  return table.chains.flatMap(({ name, rules }) => {
    const ours = rules.filter(({ comment }) => comment?.startsWith(mark) === true);
    const obsolete = ours.filter(
      ({ comment }) => !wanted.some((rule) => rule.chain === name && rule.comment === comment),
    );
    const missing = wanted.filter(
      (rule) => rule.chain === name && !ours.some(({ comment }) => comment === rule.comment),
    );
    return [...obsolete.map((rule) => deletion(table, name, rule)), ...missing.map((rule) => insertion(rule))];
  });
}

function deletion({ tool, family, name }: Table, chain: string, { text, handle = 0 }: Rule): string {
  return tool === 'nft' ? `delete rule ${family} ${name} ${chain} handle ${String(handle)}` : `-D ${chain} ${text}`;
}

function insertion({ tool, family, table, chain, comment, words }: AdmittedRule): string {
  if (tool === 'nft') return `insert rule ${family} ${table} ${chain} ${words.join(' ')} comment "${comment}"`;
  return `-I ${chain} 1 -m comment --comment "${comment}" ${words.join(' ')}`;
}

/** The rules as the hook reads them, one a line: the tool, the family, the table, the chain, the comment, and the rule's words. */
export function admittedEntries({ forwards }: NatRules): readonly string[] {
  return forwards
    .flatMap(({ admitted = [] }) => admitted)
    .map(({ tool, family, table, chain, comment, words }) => [tool, family, table, chain, comment, ...words].join(' '));
}

/** True if every chain of another program that exists has the rules that it should. */
export function isAdmitted(forward: Forward, tables: readonly Table[]): boolean {
  return tables.every((table) => admittedLines({ forwards: [forward], sources: [] }, table).every(isDeletion));
}

function isDeletion(line: string): boolean {
  return line.startsWith('-D ') || line.startsWith('delete ');
}
