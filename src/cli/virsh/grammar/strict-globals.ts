/** virsh's own global options, as getopt_long(3) reads them: up to the first word, bundled, attached, abbreviated. Source: virsh 9.0. */
import { isEscape } from '../../console/escape.ts';
import { ownGlobals, type RawGlobals } from './globals.ts';
import { VirshError } from './error.ts';

export interface StrictGlobals {
  readonly globals: RawGlobals;
  /** virsh's options as they were typed, for the real virsh: kvmnet's own are left out. */
  readonly typed: readonly string[];
  /** A command and its words; none for the prompt. */
  readonly words: readonly string[];
  /** The text to print instead of running commands. */
  readonly asks: 'help' | 'version' | 'versions' | undefined;
}

interface Rule {
  readonly long: string;
  readonly short?: string;
  readonly value?: 'required' | 'optional';
  /** kvmnet has it, and virsh does not. */
  readonly isOurs?: true;
}

const virshRules: readonly Rule[] = [
  { long: 'connect', short: 'c', value: 'required' },
  { long: 'debug', short: 'd', value: 'required' },
  { long: 'escape', short: 'e', value: 'required' },
  { long: 'help', short: 'h' },
  { long: 'keepalive-interval', short: 'k', value: 'required' },
  { long: 'keepalive-count', short: 'K', value: 'required' },
  { long: 'log', short: 'l', value: 'required' },
  { long: 'no-pkttyagent' },
  { long: 'quiet', short: 'q' },
  { long: 'readonly', short: 'r' },
  { long: 'timing', short: 't' },
  { long: 'version', value: 'optional' },
];

const rules: readonly Rule[] = [
  ...virshRules,
  ...ownGlobals
    .filter((own) => !virshRules.some(({ long }) => long === own.long))
    .map(({ long, takesValue }): Rule => ({ long, isOurs: true, ...(takesValue ? { value: 'required' } : {}) })),
];

/**
 * Reads the options that a command line of virsh's begins with.
 * @throws VirshError for one that virsh refuses
 */
export function readStrictGlobals(argv: readonly string[]): StrictGlobals {
  const globals: RawGlobals = {};
  const typed: string[] = [];
  let left = argv;
  const result = (asks: StrictGlobals['asks']): StrictGlobals => ({ globals, typed, words: left, asks });
  while (left[0]?.startsWith('-') === true && left[0] !== '-') {
    const [word = ''] = left;
    if (word === '--') {
      left = left.slice(1);
      break;
    }
    const before = left;
    const seen: { isOurs: boolean; asks: StrictGlobals['asks'] } = { isOurs: false, asks: undefined };
    const take = (rule: Rule, value: string | undefined, name: string): void => {
      seen.isOurs ||= rule.isOurs === true;
      check(rule, value, name);
      if (rule.long === 'help') seen.asks ??= 'help';
      else if (rule.long === 'version') seen.asks ??= value === 'long' ? 'versions' : 'version';
      else globals[rule.long] = value ?? true;
    };
    left = word.startsWith('--') ? takeLong(word, left.slice(1), take) : takeShort(word, left.slice(1), take);
    if (!seen.isOurs) typed.push(...before.slice(0, before.length - left.length));
    if (seen.asks) return result(seen.asks);
  }
  return result(undefined);
}

type Take = (rule: Rule, value: string | undefined, name: string) => void;

function takeLong(word: string, behind: readonly string[], take: Take): readonly string[] {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const attached = equals < 0 ? undefined : word.slice(equals + 1);
  const alike = rules.filter(({ long, isOurs }) => long === name || (isOurs !== true && long.startsWith(name)));
  const rule = rules.find(({ long }) => long === name) ?? (alike.length === 1 ? alike[0] : undefined);
  if (!rule) throw refused(`unsupported option '${word}'. See --help.`);
  if (rule.value === undefined) {
    if (attached !== undefined) throw refused(`unsupported option '-${rule.short ?? name}'. See --help.`);
    take(rule, undefined, `--${rule.long}`);
    return behind;
  }
  const value = attached ?? (rule.value === 'required' ? behind[0] : undefined);
  if (value === undefined && rule.value === 'required') throw lacksValue(rule);
  take(rule, value, `--${rule.long}`);
  return attached === undefined && rule.value === 'required' ? behind.slice(1) : behind;
}

function takeShort(word: string, behind: readonly string[], take: Take): readonly string[] {
  for (let index = 1; index < word.length; index += 1) {
    const letter = word.charAt(index);
    const rule = rules.find(({ short }) => short === letter);
    if (letter === 'v' || letter === 'V') {
      take({ long: 'version', value: 'optional' }, letter === 'V' ? 'long' : undefined, `-${letter}`);
      return behind;
    }
    if (!rule) throw refused(`unsupported option '-${letter}'. See --help.`);
    if (rule.value === undefined) {
      take(rule, undefined, `-${letter}`);
      if (rule.long === 'help') return behind;
      continue;
    }
    const attached = word.slice(index + 1);
    const value = attached === '' ? behind[0] : attached;
    if (value === undefined) throw lacksValue(rule);
    take(rule, value, `-${letter}`);
    return attached === '' ? behind.slice(1) : behind;
  }
  return behind;
}

function check({ long }: Rule, value: string | undefined, name: string): void {
  if (value === undefined) return;
  if (long === 'debug' && !/^\s*[+-]?\d+$/.test(value)) throw refused(`option ${name} takes a numeric argument`);
  if (long.startsWith('keepalive')) {
    const number = /^\s*[+-]?(0x[\da-f]+|\d+)$/i.test(value) ? Number(value) : NaN;
    if (Number.isNaN(number)) throw refused(`Invalid value for option ${name}`);
    if (number < 0) throw refused(`option ${name} requires a positive integer argument`);
  }
  if (long === 'escape' && !isEscape(value)) {
    throw refused(`Invalid string '${value}' for escape sequence`);
  }
}

function lacksValue({ short = '', long }: Rule): VirshError {
  return refused(`option '-${short}'/'--${long}' requires an argument`);
}

function refused(line: string): VirshError {
  return new VirshError('USAGE', line, line, { hint: 'kvmnet virsh --help shows the options' });
}
