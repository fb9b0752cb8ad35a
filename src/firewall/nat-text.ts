/** The transactions that make the rules of port forwards and source NAT what they should be. @see iptables-restore(8), nft(8) */
import { natBackends, type NatBackend, type NatRules } from '../records/nat.ts';
import type { Family } from '../values/address.ts';
import {
  families,
  findChain,
  findTable,
  homes,
  isCalledFirst,
  jumpsTo,
  libvirtTable,
  nftTable,
  tableFamilies,
  type Home,
} from './nat-home.ts';
import { natMatches, natParts, type NatMatches, type NatPart } from './nat.ts';
import type { Hook, Table } from './ruleset.ts';
import { admittedLines } from './admitted.ts';
import { noRules } from './nat.ts';
import { iptablesWords, nftWords } from './words.ts';

/** The input of one program; all of it takes effect, or nothing. */
export interface Transaction {
  readonly program: 'iptables-restore' | 'ip6tables-restore' | 'nft';
  readonly text: string;
}

/**
 * Returns the transactions from the rules that exist to the desired rules.
 * @param tables of the host; undefined for the rules alone, as a file keeps them: without the jumps to them, without what is to be removed, and
 * for nftables without the rules in libvirt's own table
 */
export function natTransactions(
  rules: NatRules,
  backend: NatBackend,
  tables: readonly Table[] | undefined,
): readonly Transaction[] {
  if (tables === undefined) return ownTransactions(rules, backend, tables);
  const others = natBackends.filter((other) => other !== backend);
  return [
    ...ownTransactions(rules, backend, tables),
    ...admittedTransactions(rules, tables),
    // An earlier libvirt may have had its rules in the other backend, and ours with them.
    ...others.flatMap((other) => ownTransactions(noRules, other, tables)),
  ].filter(({ text }) => text !== '');
}

function ownTransactions(
  rules: NatRules,
  backend: NatBackend,
  tables: readonly Table[] | undefined,
): readonly Transaction[] {
  const transactions: readonly Transaction[] =
    backend === 'nftables'
      ? [{ program: 'nft', text: families.map((family) => nftText(rules, family, tables)).join('') }]
      : families.map((family) => ({
          program: family === 'ipv4' ? 'iptables-restore' : 'ip6tables-restore',
          text: iptablesText(rules, family, tables),
        }));
  return transactions.filter(({ text }) => text !== '');
}

/** Inserts and deletes our rules in the chains of other programs. */
function admittedTransactions(rules: NatRules, tables: readonly Table[]): readonly Transaction[] {
  const textOf = (tool: Table['tool'], family?: string): string =>
    tables
      .filter((table) => table.tool === tool && (family === undefined || table.family === family))
      .map((table) => {
        const lines = admittedLines(rules, table);
        if (lines.length === 0 || tool === 'nft') return textOfLines(lines);
        return textOfLines([`*${table.name}`, ...lines, 'COMMIT']);
      })
      .join('');
  return [
    { program: 'nft', text: textOf('nft') },
    { program: 'iptables-restore', text: textOf('iptables', 'ip') },
    { program: 'ip6tables-restore', text: textOf('iptables', 'ip6') },
  ];
}

/** The rules in libvirt's own table of nftables, as a file keeps them; only where they are in force does the table have to exist. */
export function libvirtTransactions(rules: NatRules): Readonly<Record<Family, string>> {
  const textOf = (family: Family): string => textOfLines(acceptRules(natMatches(rules, family), family));
  return { ipv4: textOf('ipv4'), ipv6: textOf('ipv6') };
}

function iptablesText(rules: NatRules, family: Family, tables: readonly Table[] | undefined): string {
  const matches = natMatches(rules, family);
  const names = [...new Set(natParts.map((part) => homes.iptables[part].table))];
  return names
    .map((name) => {
      const table = tables && findTable(tables, 'iptables', family, name);
      const lines = natParts
        .filter((part) => homes.iptables[part].table === name)
        .flatMap((part) => iptablesLines(part, matches, table, tables !== undefined));
      return lines.length === 0 ? '' : `*${name}\n${lines.join('\n')}\nCOMMIT\n`;
    })
    .join('');
}

/** With --noflush, a chain's own line creates it, or empties it. */
function iptablesLines(
  part: NatPart,
  matches: NatMatches,
  table: Table | undefined,
  withJumps: boolean,
): readonly string[] {
  const { chain, callers } = homes.iptables[part];
  const rules = matches[part].map((match) => `-A ${chain} ${iptablesWords(match).join(' ')}`);
  const removeJumps = (caller: string): readonly string[] =>
    jumpsTo(findChain(table, caller), chain).map(() => `-D ${caller} -j ${chain}`);
  if (rules.length === 0) {
    return findChain(table, chain) ? [...callers.flatMap(removeJumps), `-F ${chain}`, `-X ${chain}`] : [];
  }
  const jumps = callers
    .filter((caller) => withJumps && !isCalledFirst(findChain(table, caller), chain))
    .flatMap((caller) => [...removeJumps(caller), `-I ${caller} 1 -j ${chain}`]);
  return [`:${chain} - [0:0]`, ...rules, ...jumps];
}

/** Before other programs' chains of the same hook, docker's among them. @see nft(8), "Standard priority names": dstnat -100, srcnat 100, raw -300 */
export const baseChains: readonly (readonly [name: string, type: string, hook: Hook, priority: number])[] = [
  ['guard', 'filter', 'prerouting', -300],
  ['prerouting', 'nat', 'prerouting', -101],
  ['output', 'nat', 'output', -101],
  ['postrouting', 'nat', 'postrouting', 99],
];

function nftText(rules: NatRules, family: Family, tables: readonly Table[] | undefined): string {
  const matches = natMatches(rules, family);
  const own = natParts.filter((part) => homes.nftables[part].table === nftTable && matches[part].length > 0);
  const isThere = tables !== undefined && findTable(tables, 'nftables', family, nftTable) !== undefined;
  const name = `table ${tableFamilies[family]} ${nftTable}`;
  const lines = [
    ...(own.length > 0 ? [name, `delete ${name}`, ...ownTable(name, matches)] : isThere ? [`delete ${name}`] : []),
    ...(tables ? acceptLines(matches, family, tables) : []),
  ];
  return textOfLines(lines);
}

function textOfLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function ownTable(name: string, matches: NatMatches): readonly string[] {
  const rulesOf = (chain: string): readonly string[] => [
    ...natParts.flatMap((part) => (isHome(part, chain) ? matches[part].map((match) => nftRule(match)) : [])),
    ...natParts.flatMap((part) => (calls(chain, homes.nftables[part]) ? [`jump ${homes.nftables[part].chain}`] : [])),
  ];
  const chain = (title: string, base?: string): readonly string[] => [
    `  chain ${title} {`,
    ...(base === undefined ? [] : [`    ${base}`]),
    ...rulesOf(title).map((rule) => `    ${rule}`),
    '  }',
  ];
  return [
    `${name} {`,
    ...chain(homes.nftables.dnat.chain),
    ...baseChains.flatMap(([title, type, hook, priority]) =>
      chain(title, `type ${type} hook ${hook} priority ${String(priority)}; policy accept;`),
    ),
    '}',
  ];
}

function isHome(part: NatPart, chain: string): boolean {
  const home = homes.nftables[part];
  return home.table === nftTable && home.chain === chain;
}

function calls(chain: string, { table, callers }: Home): boolean {
  return table === nftTable && callers.includes(chain);
}

function nftRule(match: NatMatches[NatPart][number]): string {
  return nftWords(match, true).join(' ');
}

/** In libvirt's own table, where that exists: without it nothing is rejected. */
function acceptLines(matches: NatMatches, family: Family, tables: readonly Table[]): readonly string[] {
  const { chain, callers } = homes.nftables.accept;
  const table = findTable(tables, 'nftables', family, libvirtTable);
  if (table === undefined) return [];
  const where = placeOf(family);
  const removeJumps = (caller: string): readonly string[] =>
    jumpsTo(findChain(table, caller), chain).map(
      ({ handle = 0 }) => `delete rule ${where} ${caller} handle ${String(handle)}`,
    );
  if (matches.accept.length === 0) {
    if (findChain(table, chain) === undefined) return [];
    return [...callers.flatMap(removeJumps), `flush chain ${where} ${chain}`, `delete chain ${where} ${chain}`];
  }
  const jumps = callers
    .filter((caller) => !isCalledFirst(findChain(table, caller), chain))
    .flatMap((caller) => [...removeJumps(caller), `insert rule ${where} ${caller} jump ${chain}`]);
  return [...acceptRules(matches, family), ...jumps];
}

function acceptRules({ accept }: NatMatches, family: Family): readonly string[] {
  const { chain } = homes.nftables.accept;
  const where = placeOf(family);
  if (accept.length === 0) return [];
  return [
    `add chain ${where} ${chain}`,
    `flush chain ${where} ${chain}`,
    ...accept.map((match) => `add rule ${where} ${chain} ${nftRule(match)}`),
  ];
}

function placeOf(family: Family): string {
  return `${tableFamilies[family]} ${libvirtTable}`;
}
