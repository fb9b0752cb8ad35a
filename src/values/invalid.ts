import { KvmnetError } from '../errors.ts';

/** Origin of a value, in the user's terms: `--nat`, `NAME`, or a place in XML: `ip[0].address`. */
export type Origin = string;

const maxLength = 60;

/**
 * Formats a value for a message: as typed, or quoted with its control and invisible characters escaped, since a
 * name from a file must not be able to write to the terminal.
 */
export function show(value: string): string {
  const letters = Array.from(value);
  const shown = letters.length > maxLength ? `${letters.slice(0, maxLength).join('')}…` : value;
  if (/^[\x21\x23-\x7e]+…?$/.test(shown)) return shown;
  return JSON.stringify(shown).replace(
    /\p{C}|(?! )\p{Z}/gu,
    (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/**
 * The error of an invalid value. Its message reads `--nat 192.168.132.0/33: <reason>`.
 * @param example a correct value, shown in the hint
 */
export function invalid(origin: Origin, value: string, reason: string, example: string): KvmnetError {
  return invalidWithHint(origin, value, reason, `for example ${asTyped(origin, example)}`);
}

/** The error of an invalid value whose remedy is more than an example. */
export function invalidWithHint(origin: Origin, value: string, reason: string, hint: string): KvmnetError {
  return new KvmnetError('INPUT', `${origin} ${show(value)}: ${reason}`, { hint });
}

/** The origin of a part of a value: a message then names both, `--reserve 52:54:0:0:0:1=10.0.0.9: MAC address 52:54:0:0:0:1: …`. */
export function partOf(origin: Origin, whole: string, part: string): Origin {
  return `${origin} ${show(whole)}: ${part}`;
}

/** How a correct value of an origin is typed: an option's with its name, a part's alone. */
export function asTyped(origin: Origin, value: string): string {
  return /^--\S+$/.test(origin) ? `${origin} ${value}` : value;
}
