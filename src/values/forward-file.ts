/** The lines of `forward import`: kvmnet's own, and lines that people keep for iptables. */
import type { Protocol } from '../records/nat.ts';
import { invalidWithHint } from './invalid.ts';

/** A forward or source NAT as a line has it, in the words of `forward add` and `snat add`. */
export type ImportedLine =
  | {
      readonly kind: 'forward';
      readonly arrival: string;
      readonly target: string;
      readonly protocol: Protocol | undefined;
    }
  | { readonly kind: 'source'; readonly subnet: string; readonly dev: string; readonly to: string };

/**
 * Reads lines such as `8080 VM1:80`, `53/udp 192.168.3.10`, `120.196.122.145:8888 -> 192.168.3.10:8080`, and rules of iptables with the
 * targets DNAT, SNAT and MASQUERADE. Skips empty lines and lines that begin with `#`.
 * @throws INPUT with the number of the line
 */
export function parseForwardFile(text: string): readonly ImportedLine[] {
  return text.split('\n').flatMap((line, index) => {
    const plain = line.replace(/(^|\s)#.*$/, '').trim();
    return plain === '' ? [] : [parseLine(plain, `line ${String(index + 1)}`)];
  });
}

function parseLine(line: string, origin: string): ImportedLine {
  const words = line.split(/\s+/);
  if (words.some((word) => word === '-A' || word === '-I')) return parseIptables(words, line, origin);
  const [arrival, target, ...more] = words.filter((word) => word !== '->');
  if (arrival === undefined || target === undefined || more.length > 0) {
    throw invalidWithHint(origin, line, 'a line is [LISTEN:]PORT TARGET', 'for example 8080 VM1:80');
  }
  return { kind: 'forward', arrival, target, protocol: undefined };
}

function parseIptables(words: readonly string[], line: string, origin: string): ImportedLine {
  const known = [
    '-A',
    '-I',
    '-i',
    '-o',
    '-s',
    '-d',
    '-p',
    '-m',
    '-t',
    '-j',
    '--dport',
    '--to-destination',
    '--to-source',
  ];
  const options = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('-') || word === '->') continue;
    if (!known.includes(word)) {
      throw invalidWithHint(
        origin,
        line,
        `${word} is a condition that kvmnet does not take over`,
        'leave the line out, or that condition',
      );
    }
    options.set(word, words[index + 1] ?? '');
  }
  if (words.includes('!')) throw invalidWithHint(origin, line, 'a negation is not taken over', 'leave the line out');
  return options.get('-j') === 'DNAT' ? forwardOf(options, line, origin) : sourceOf(options, line, origin);
}

type Options = ReadonlyMap<string, string>;

function forwardOf(options: Options, line: string, origin: string): ImportedLine {
  const [protocol, port, to] = [options.get('-p'), options.get('--dport'), options.get('--to-destination')];
  if ((protocol !== 'tcp' && protocol !== 'udp') || port === undefined || to === undefined) {
    throw invalidWithHint(
      origin,
      line,
      'a rule with DNAT needs -p tcp or udp, --dport and --to-destination',
      'for example -p tcp --dport 80',
    );
  }
  const address = options.get('-d')?.replace(/\/(32|128)$/, '');
  const listen = address?.includes(':') === true ? `[${address}]` : address;
  const dev = options.get('-i');
  const where = [listen, dev].filter((part) => part !== undefined).join('%');
  const ports = port.replace(':', '-');
  return { kind: 'forward', arrival: where === '' ? ports : `${where}:${ports}`, target: to, protocol };
}

function sourceOf(options: Options, line: string, origin: string): ImportedLine {
  const [target, subnet, dev] = [options.get('-j'), options.get('-s'), options.get('-o')];
  const to = target === 'MASQUERADE' ? 'masquerade' : options.get('--to-source');
  if (subnet === undefined || dev === undefined || to === undefined) {
    throw invalidWithHint(
      origin,
      line,
      'a rule of source NAT needs -s, -o and SNAT with --to-source, or MASQUERADE',
      'for example -A POSTROUTING -s 192.168.3.0/24 -o eth0 -j MASQUERADE',
    );
  }
  return { kind: 'source', subnet, dev, to };
}
