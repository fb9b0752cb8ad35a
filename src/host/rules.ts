/** The firewall rules that libvirt writes for its networks, in its own chains of iptables or its own tables of nftables. */
import { isInstalled } from './programs.ts';
import type { RulesetText } from './ruleset.ts';
import { run, type RunOptions } from './run.ts';

export type RuleFamily = 'ipv4' | 'ipv6';

/** One rule of libvirt's own chains. */
export interface RuleRecord {
  readonly family: RuleFamily;
  readonly table: string;
  readonly chain: string;
  /** As iptables-save prints it behind the chain; nft's expressions as JSON. */
  readonly rule: string;
  /** nft's number of it. */
  readonly handle: number | undefined;
}

export interface RulesRecord {
  readonly backend: 'iptables' | 'nftables';
  readonly rules: readonly RuleRecord[];
  /** libvirt's chains that are missing, or that no rule jumps to: only a start of the daemon restores both. */
  readonly chains: readonly string[];
  readonly unreachable: readonly string[];
}

const programs = { ipv4: 'iptables', ipv6: 'ip6tables' } as const;
const tables = { ipv4: 'ip', ipv6: 'ip6' } as const;
const families = ['ipv4', 'ipv6'] as const;

/** libvirt's rules; undefined where this user may not read them, or nothing that shows them is installed. */
export async function readRules(options: RunOptions = {}): Promise<RulesRecord | undefined> {
  const nft = isInstalled('nft') ? await readNftables(options) : undefined;
  if (nft !== undefined && nft.chains.length > 0) return nft;
  return isInstalled('iptables-save') ? readIptables(options) : nft;
}

/** Of iptables-legacy, and of iptables-nft, which takes a chain that is missing for one of nft's. */
const noChain = /No chain|is incompatible|does not exist/;

/**
 * The rules that let guests out over IPv4, for a list: each network has some, whatever its kind. Other programs' rules, of which there may be
 * thousands, are not read.
 * @param backends of this libvirt
 * @returns undefined as of readRules
 */
export async function readRulesOut(
  options: RunOptions,
  backends: readonly RulesRecord['backend'][],
): Promise<RulesRecord | undefined> {
  const has = (backend: RulesRecord['backend'], program: string): boolean =>
    backends.includes(backend) && isInstalled(program);
  // Both at once, since each is the start of a program.
  const [table, chain] = await Promise.all([
    has('nftables', 'nft') ? readTable('ipv4', options).catch(() => undefined) : undefined,
    has('iptables', 'iptables') ? readChainOut(options) : undefined,
  ]);
  return table === undefined ? chain : { backend: 'nftables', ...table, unreachable: [] };
}

/** Only root may read them; a missing chain is reported. */
async function readChainOut(options: RunOptions): Promise<RulesRecord | undefined> {
  try {
    const text = await run('iptables', ['-w', '-S', 'LIBVIRT_FWO'], options);
    return { backend: 'iptables', ...parseIptables(`*filter\n:LIBVIRT_FWO\n${text}`, 'ipv4'), unreachable: [] };
  } catch (error) {
    const isMissing = error instanceof Error && noChain.test(error.message);
    return isMissing ? { backend: 'iptables', rules: [], chains: [], unreachable: [] } : undefined;
  }
}

async function readIptables(options: RunOptions): Promise<RulesRecord | undefined> {
  try {
    const [ipv4, ipv6] = await Promise.all([run('iptables-save', [], options), run('ip6tables-save', [], options)]);
    return iptablesRecord(ipv4, ipv6);
  } catch {
    return undefined;
  }
}

function iptablesRecord(ipv4: string, ipv6: string): RulesRecord {
  const read = [parseIptables(ipv4, 'ipv4'), parseIptables(ipv6, 'ipv6')];
  return { backend: 'iptables', ...joined(read), unreachable: read.flatMap(({ unreachable }) => unreachable) };
}

function joined(read: readonly Pick<RulesRecord, 'rules' | 'chains'>[]): Pick<RulesRecord, 'rules' | 'chains'> {
  return { rules: read.flatMap(({ rules }) => rules), chains: read.flatMap(({ chains }) => chains) };
}

/** Parses the output of iptables-save. @see iptables-save(8); the chains are libvirt's since 5.1 */
export function parseIptables(text: string, family: RuleFamily): Omit<RulesRecord, 'backend'> {
  const rules: RuleRecord[] = [];
  const chains: string[] = [];
  const reached = new Set<string>();
  let table = '';
  for (const line of text.split('\n')) {
    const [, started] = /^\*(\S+)/.exec(line) ?? [];
    if (started !== undefined) table = started;
    const [, declared] = /^:(LIBVIRT_\S+)/.exec(line) ?? [];
    if (declared !== undefined) chains.push(`${family} ${table} ${declared}`);
    const [, chain = '', rule = ''] = /^-A (\S+) (.*)$/.exec(line) ?? [];
    if (chain.startsWith('LIBVIRT_')) rules.push({ family, table, chain, rule, handle: undefined });
    const [, target] = /^-j (LIBVIRT_\S+)$/.exec(rule) ?? [];
    if (target !== undefined) reached.add(`${family} ${table} ${target}`);
  }
  return { rules, chains, unreachable: chains.filter((chain) => !reached.has(chain)) };
}

/** Finds libvirt's rules in a packet filter that was read as a whole. */
export function rulesIn({ nft, iptables, ip6tables }: RulesetText): RulesRecord {
  const ofNft = families.map((family) => parseNftables(nft === '' ? '{"nftables":[]}' : nft, family));
  if (ofNft.some(({ chains }) => chains.length > 0)) return { backend: 'nftables', ...joined(ofNft), unreachable: [] };
  const uncounted = (text: string): string => text.replaceAll(/^\[\d+:\d+\] /gm, '');
  return iptablesRecord(uncounted(iptables), uncounted(ip6tables));
}

interface NftPlace {
  readonly family: string;
  readonly table: string;
}

interface NftEntry {
  readonly chain?: NftPlace & { readonly name: string };
  readonly rule?: NftPlace & {
    readonly chain: string;
    readonly handle: number;
    readonly expr: readonly Readonly<Record<string, unknown>>[];
  };
}

/** libvirt >= 10.4: the tables `ip libvirt_network` and `ip6 libvirt_network`. */
async function readNftables(options: RunOptions): Promise<RulesRecord | undefined> {
  try {
    const listed = await run('nft', ['-j', 'list', 'tables'], options);
    const there = families.filter((family) =>
      (JSON.parse(listed) as { nftables: readonly { table?: { family: string; name: string } }[] }).nftables.some(
        ({ table }) => table?.name === nftTable && table.family === tables[family],
      ),
    );
    const read = await Promise.all(there.map((family) => readTable(family, options)));
    return { backend: 'nftables', ...joined(read), unreachable: [] };
  } catch {
    return undefined;
  }
}

const nftTable = 'libvirt_network';

async function readTable(family: RuleFamily, options: RunOptions): Promise<Pick<RulesRecord, 'rules' | 'chains'>> {
  return parseNftables(await run('nft', ['-j', 'list', 'table', tables[family], nftTable], options), family);
}

/** Parses libvirt's table in the output of `nft -j list table` or `nft -j list ruleset`, without counters. @see libnftables-json(5) */
export function parseNftables(text: string, family: RuleFamily): Pick<RulesRecord, 'rules' | 'chains'> {
  const { nftables } = JSON.parse(text) as { readonly nftables: readonly NftEntry[] };
  const isOurs = (place: NftPlace): boolean => place.table === nftTable && place.family === tables[family];
  return {
    chains: nftables.flatMap(({ chain }) =>
      chain === undefined || !isOurs(chain) ? [] : [`${family} ${nftTable} ${chain.name}`],
    ),
    rules: nftables.flatMap(({ rule }) => {
      if (rule === undefined || !isOurs(rule)) return [];
      const expr = rule.expr.filter((part) => !('counter' in part));
      return [{ family, table: nftTable, chain: rule.chain, rule: JSON.stringify(expr), handle: rule.handle }];
    }),
  };
}

/** True where a rule is about a bridge, or about packets from one of these subnets, in CIDR form. */
export function isAbout(
  { rule, handle }: Pick<RuleRecord, 'rule' | 'handle'>,
  bridge: string,
  subnets: readonly string[],
): boolean {
  if (handle === undefined) {
    const words = rule.split(' ');
    const after = (option: string): readonly string[] => words.filter((_, index) => words[index - 1] === option);
    return [...after('-i'), ...after('-o')].includes(bridge) || after('-s').some((subnet) => subnets.includes(subnet));
  }
  if (rule.includes(`"right":"${bridge}"`)) return true;
  return subnets.some((subnet) => {
    const [addr = '', len = ''] = subnet.split('/');
    return rule.includes(`"field":"saddr"}},"right":{"prefix":{"addr":"${addr}","len":${len}}}`);
  });
}

/** Of rules that stand twice in a chain, all but the first. */
export function doublesOf<R extends RuleRecord>(rules: readonly R[]): readonly R[] {
  const seen = new Set<string>();
  return rules.filter(({ family, table, chain, rule }) => {
    const text = `${family} ${table} ${chain} ${rule}`;
    if (seen.has(text)) return true;
    seen.add(text);
    return false;
  });
}

/** Deletes rules one by one, each as it stands. libvirt writes no quotation marks: what has one is not its own, and stays. */
export async function deleteRules(rules: readonly RuleRecord[], options: RunOptions = {}): Promise<void> {
  for (const { family, table, chain, rule, handle } of rules) {
    if (handle !== undefined) {
      const json = { nftables: [{ delete: { rule: { family: tables[family], table, chain, handle } } }] };
      // As an argument: nft opens /dev/stdin by its name, which is a socket if Node has started nft.
      await run('nft', ['-j', JSON.stringify(json)], options);
    } else if (!/["'\\]/.test(rule)) {
      await run(programs[family], ['-w', '-t', table, '-D', chain, ...rule.split(' ')], options);
    }
  }
}
