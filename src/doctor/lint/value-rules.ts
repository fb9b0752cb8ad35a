/** Values of configuration files, judged as the managers judge them: see networkd-values.ts and keyfile-values.ts. */
import { isIPv4, isIPv6 } from 'node:net';

/** Returns whether a value is accepted. */
export type Takes = (value: string) => boolean;

/** Codes of what is wrong with a single value. */
export const valueCodes = ['bad-value', 'bad-address', 'bad-netmask', 'bad-mac', 'bad-name', 'bad-vlan-id'] as const;

export interface ValueRule {
  readonly code: (typeof valueCodes)[number];
  /** A description of valid values. */
  readonly wants: string;
  readonly takes: Takes;
}

const boolean = /^(1|yes|y|true|t|on|0|no|n|false|f|off)$/i;

/** An empty value discards the values before it, except for booleans. */
export const orEmpty =
  (takes: Takes): Takes =>
  (value) =>
    value === '' || takes(value);

export const isBoolean: Takes = (value) => boolean.test(value);

export const oneOf =
  (...words: readonly string[]): Takes =>
  (value) =>
    words.includes(value);

export const booleanOr =
  (...words: readonly string[]): Takes =>
  (value) =>
    isBoolean(value) || words.includes(value);

/** `strtoul` with a base of its own: decimal, hexadecimal, or octal after a zero. */
function readInteger(text: string): number | undefined {
  const [, sign, digits] = /^\s*([+-]?)(0x[\da-f]+|0b[01]+|0o?[0-7]*|[1-9]\d*)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -value : value;
}

export const integer =
  (least: number, most: number): Takes =>
  (value) => {
    const number = readInteger(value);
    return number !== undefined && number >= least && number <= most;
  };

export const each =
  (takes: Takes): Takes =>
  (value) =>
    value.split(/\s+/).every((word) => word === '' || takes(word));

export const isIp: Takes = (value) => isIPv4(value) || (isIPv6(value) && !value.includes('%'));

/** An address with an optional prefix length. */
export const isPrefix: Takes = (value) => {
  const [, address = '', length] = /^([^/]*)(?:\/(.*))?$/.exec(value) ?? [];
  if (!isIp(address)) return false;
  return length === undefined || integer(0, isIPv4(address) ? 32 : 128)(length);
};

/** `192.168.1.1`, with a port, a link and a server's name behind it. */
export const isServer: Takes = (value) => {
  const address = value.replace(/#\S+$/, '').replace(/%[^\s%]+$/, '');
  const [, inBrackets, ipv4] = /^(?:\[(.*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(address) ?? [];
  return isIp(inBrackets ?? ipv4 ?? address);
};

/** Labels of at most 63 bytes; a backslash makes the next character plain. */
export const isDomain: Takes = (value) => {
  const labels = value.replace(/\.$/, '').split('.');
  return value.length <= 253 && labels.every((label) => label !== '' && Buffer.byteLength(label) <= 63);
};

export const isSearchDomain: Takes = (value) => {
  const name = value.replace(/^~/, '');
  return name === '.' || name === '' || name === '*' || (isDomain(name) && !/(^|\.)localhost\.?$/i.test(name));
};

/** A name of a link; patterns are names too. */
export const linkName =
  (most: number): Takes =>
  (value) =>
    value.length > 0 &&
    value.length <= most &&
    /^[!-~]+$/.test(value) &&
    !/[:/%]/.test(value) &&
    !/^\d+$/.test(value) &&
    !['.', '..', 'all', 'default'].includes(value);

export const isMac: Takes = (value) =>
  /^[\da-f]{1,2}(:[\da-f]{1,2}){5}$/i.test(value) ||
  /^[\da-f]{1,2}(-[\da-f]{1,2}){5}$/i.test(value) ||
  /^[\da-f]{1,4}(\.[\da-f]{1,4}){2}$/i.test(value);

/** Of InfiniBand, and of tunnels, which have the IP address of their end. */
export const isHardwareAddress: Takes = (value) =>
  isMac(value) ||
  isIp(value) ||
  /^[\da-f]{1,2}(:[\da-f]{1,2}){3}$|^[\da-f]{1,2}(:[\da-f]{1,2}){15}$|^[\da-f]{1,2}(:[\da-f]{1,2}){19}$/i.test(value);

/** `1500`, `9K`. */
export const isSize: Takes = (value) =>
  value !== '' &&
  /^\s*(\d+(\.\d*)?\s*[EPTGMKB]\s*)*(\d+(\.\d*)?\s*)?$/.test(value) &&
  Number.parseFloat(value) <= 0xffffffff;

const units =
  'seconds second sec s minutes minute min months month M msec ms m hours hour hr h days day d weeks week w years year y usec us µs μs nsec ns';
const unit = units.replaceAll(' ', '|');
// A number without a unit comes last: otherwise digits that may belong to several numbers would cause backtracking.
const span = new RegExp(`^\\s*(\\d+(\\.\\d*)?\\s*(${unit})\\s*)*(\\d+(\\.\\d*)?\\s*)?$`);

export const isSpan: Takes = (value) => value === 'infinity' || (value !== '' && span.test(value));

export const isVlanRange: Takes = (value) => {
  const [lower = '', upper = lower, ...more] = value.split('-');
  const isId = integer(0, 4094);
  return more.length === 0 && isId(lower) && isId(upper) && Number(lower) <= Number(upper);
};

export interface ValueRow extends Partial<ValueRule> {
  readonly wants: string;
  readonly takes: Takes;
  /** `Section.Key`, separated by spaces. */
  readonly keys: string;
}

export type ValueRules = ReadonlyMap<string, ValueRule>;

/** The rules by `Section.Key`. */
export function rulesOf(rows: readonly ValueRow[]): ValueRules {
  return new Map(
    rows.flatMap(({ keys, code = 'bad-value', wants, takes }) =>
      keys
        .trim()
        .split(/\s+/)
        .map((key) => [key, { code, wants, takes }] as const),
    ),
  );
}
