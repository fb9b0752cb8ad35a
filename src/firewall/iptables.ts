/** Parses what iptables-save and ip6tables-save print. @see iptables-save(8), iptables-extensions(8) */
import { rangeOf } from './range.ts';
import type { Base, Chain, Condition, Effect, Hook, PortRange, Rule, Table, Translation } from './ruleset.ts';

/** The priorities at which the kernel calls the chains of iptables. @see linux/netfilter_ipv4.h, NF_IP_PRI_… */
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

const hooks: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

interface OpenChain extends Omit<Chain, 'rules'> {
  readonly rules: Rule[];
}

/**
 * @param text of iptables-save, or of ip6tables-save; `-c` adds the counters
 * @returns the tables in the order of the text. A line that is neither a table, a chain nor a rule is ignored
 */
export function parseIptablesSave(text: string, family: 'ip' | 'ip6'): readonly Table[] {
  const tables: { name: string; chains: OpenChain[] }[] = [];
  for (const line of text.split('\n')) {
    const current = tables.at(-1);
    const [, table] = /^\*(\S+)/.exec(line) ?? [];
    if (table !== undefined) tables.push({ name: table, chains: [] });
    const [, chain, policy = ''] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined && current) current.chains.push(openChain(current.name, chain, policy));
    const [, packets, name, rest] = /^(?:\[(\d+):\d+\] )?-A (\S+) ?(.*)$/.exec(line) ?? [];
    const open = current?.chains.find((each) => each.name === name);
    if (rest !== undefined) open?.rules.push(parseRule(rest, packets));
  }
  return tables.map(({ name, chains }) => ({ tool: 'iptables', family, name, chains }));
}

function openChain(table: string, name: string, policy: string): OpenChain {
  const base = policy === '-' ? undefined : baseOf(table, name, policy);
  return { name, ...(base ? { base } : {}), rules: [] };
}

/** The place of a built-in chain; undefined for other chains. */
export function baseOf(table: string, chain: string, policy: string): Base | undefined {
  const hook = hooks[chain];
  if (hook === undefined) return undefined;
  const isNat = table === 'nat';
  const nat = hook === 'prerouting' || hook === 'output' ? -100 : 100;
  const priority = isNat ? nat : (priorities[table] ?? 0);
  return { hook, priority, policy: policy === 'DROP' ? 'drop' : 'accept', isNat };
}

/** Splits a rule into words; iptables-save quotes words with blanks, and escapes `"` and `\` in them. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'),
  );
}

/** One option with its values: `! -s 10.0.0.0/8`. */
interface Option {
  readonly not: boolean;
  readonly name: string;
  readonly values: readonly string[];
}

function optionsOf(words: readonly string[]): readonly Option[] {
  const options: { not: boolean; name: string; values: string[] }[] = [];
  let not = false;
  for (const word of words) {
    if (word === '!') not = true;
    else if (word.startsWith('-') && word.length > 1 && !/^-\d/.test(word)) {
      options.push({ not, name: word, values: [] });
      not = false;
    } else options.at(-1)?.values.push(word);
  }
  return options;
}

function parseRule(text: string, packets: string | undefined): Rule {
  const options = optionsOf(wordsOf(text));
  const target = options.findIndex(({ name }) => name === '-j' || name === '-g');
  const conditions = (target === -1 ? options : options.slice(0, target)).flatMap((option) => conditionOf(option));
  const effect: Effect = target === -1 ? { kind: 'none' } : effectOf(options.slice(target));
  const comment = options.find(({ name }) => name === '--comment')?.values[0];
  return {
    ...{ text, conditions, effect },
    ...(comment === undefined ? {} : { comment }),
    ...(packets === undefined ? {} : { packets: Number(packets) }),
  };
}

/** Options that are not conditions. */
const silent = new Set(['-m', '--comment']);

function conditionOf({ not, name, values }: Option): readonly Condition[] {
  if (silent.has(name)) return [];
  const [value = ''] = values;
  const list = value.split(',');
  const condition = readers[name]?.(list);
  return [{ ...(condition ?? { on: 'unknown', text: [name, ...values].join(' ') }), ...(not ? { not } : {}) }];
}

const devices = (on: 'inDevice' | 'outDevice' | 'inPort' | 'outPort') => (list: readonly string[]) =>
  ({ on, names: list.map((name) => name.replace(/\+$/, '*')) }) as const;
const addresses = (on: 'source' | 'destination') => (list: readonly string[]) =>
  ({ on, ranges: list.map(rangeOf) }) as const;
const ports = (on: 'sourcePort' | 'destinationPort') => (list: readonly string[]) =>
  ({ on, ranges: list.map(portsOf) }) as const;
const words = (on: 'state' | 'sourceType' | 'destinationType') => (list: readonly string[]) =>
  ({ on, names: list.map((name) => name.toLowerCase()) }) as const;

const readers: Readonly<Record<string, (list: readonly string[]) => Condition>> = {
  '-i': devices('inDevice'),
  '-o': devices('outDevice'),
  '--physdev-in': devices('inPort'),
  '--physdev-out': devices('outPort'),
  '-s': addresses('source'),
  '-d': addresses('destination'),
  '--src-range': addresses('source'),
  '--dst-range': addresses('destination'),
  '-p': (list) => ({ on: 'protocol', names: list.map((name) => (name === 'ipv6-icmp' ? 'icmpv6' : name)) }),
  '--sport': ports('sourcePort'),
  '--sports': ports('sourcePort'),
  '--dport': ports('destinationPort'),
  '--dports': ports('destinationPort'),
  '--ctstate': words('state'),
  '--state': words('state'),
  '--src-type': words('sourceType'),
  '--dst-type': words('destinationType'),
};

/** `80`, `80:89`, `:1023`, `1024:` */
function portsOf(text: string): PortRange {
  const [first = '', last = first] = text.split(':');
  return [first === '' ? 0 : Number(first), last === '' ? 65_535 : Number(last)];
}

/** Targets that let the packet continue with the next rule. */
const passing = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'MARK',
  'CONNMARK',
  'CHECKSUM',
  'CLASSIFY',
  'TOS',
  'DSCP',
  'TCPMSS',
  'TTL',
  'HL',
  'AUDIT',
  'CT',
  'TRACE',
  'SET',
  'NOTRACK',
]);

function effectOf([target, ...more]: readonly Option[]): Effect {
  const [name = ''] = target?.values ?? [];
  const given = (option: string): string | undefined => more.find((each) => each.name === option)?.values[0];
  if (target?.name === '-g') return { kind: 'goto', chain: name };
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'REJECT':
    case 'RETURN':
      return { kind: name.toLowerCase() as 'accept' | 'drop' | 'reject' | 'return' };
    case 'DNAT':
      return { kind: 'dnat', ...translationOf(given('--to-destination')) };
    case 'SNAT':
      return { kind: 'snat', ...translationOf(given('--to-source')) };
    case 'MASQUERADE':
    case 'REDIRECT':
      return { kind: name === 'MASQUERADE' ? 'masquerade' : 'redirect', ...portsOfOption(given('--to-ports')) };
  }
  if (passing.has(name)) return { kind: 'none' };
  return extensions.has(name) ? { kind: 'unknown' } : { kind: 'jump', chain: name };
}

/** Targets that decide about a packet by means unknown here. */
const extensions = new Set(['QUEUE', 'NFQUEUE', 'TPROXY', 'SYNPROXY', 'NETMAP', 'TEE', 'DNPT', 'SNPT']);

function portsOfOption(text: string | undefined): { readonly ports?: PortRange } {
  return text === undefined ? {} : { ports: portsOf(text.replace('-', ':')) };
}

/** `192.168.3.10:10080`, `10.0.0.1-10.0.0.9`, `[fd00::1]:80-89`, `:8080` */
function translationOf(text = ''): Translation {
  const [, bracketed, plain, ports] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d+(?:-\d+)?))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return { ...(address === '' ? {} : { address: rangeOf(address) }), ...portsOfOption(ports) };
}
