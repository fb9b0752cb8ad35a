import type { Kind, Scalar } from './table.ts';

const canonicalInteger = /^(?:0|-?[1-9][0-9]*)$/;

/** Converts text of the XML to a value; undefined if it does not fit. */
export function readScalar(kind: Kind, written: string): Scalar | undefined {
  switch (kind.spelling) {
    case 'text':
    case 'prose':
      return written;
    case 'integer':
    case 'digits': {
      // A leading zero is not taken: libvirt reads some of its integers as decimal, and others as octal.
      if (!canonicalInteger.test(written)) return undefined;
      const value = Number(written);
      if (Number.isSafeInteger(value)) return value;
      return kind.spelling === 'digits' ? written : undefined;
    }
    case 'yes/no':
      return written === 'yes' ? true : written === 'no' ? false : undefined;
    case 'on/off':
      return written === 'on' ? true : written === 'off' ? false : undefined;
  }
}

/** Converts a value of a model to text; undefined if it does not fit, in spite of its TypeScript type. */
export function writeScalar(kind: Kind, value: unknown): string | undefined {
  switch (kind.spelling) {
    case 'text':
    case 'prose':
      return typeof value === 'string' ? value : undefined;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
    case 'digits':
      if (typeof value === 'string') return canonicalInteger.test(value) ? value : undefined;
      return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
    case 'yes/no':
      return typeof value === 'boolean' ? (value ? 'yes' : 'no') : undefined;
    case 'on/off':
      return typeof value === 'boolean' ? (value ? 'on' : 'off') : undefined;
  }
}

/** Describes the expected value, for an error message. */
export function expected(kind: Kind): string {
  switch (kind.spelling) {
    case 'text':
    case 'prose':
      return 'text';
    case 'integer':
    case 'digits':
      return 'an integer';
    case 'yes/no':
      return 'yes or no';
    case 'on/off':
      return 'on or off';
  }
}

// Control characters end up in dnsmasq's configuration and on terminals; U+2028 and U+2029 cut lines in some readers;
// lone surrogates and U+FFFE, U+FFFF are not allowed in XML.
const unsafe = /[\p{Cc}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/u;
const unsafeInProse = /(?![\t\n])[\p{Cc}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/u;

/** The first character that must not be written, as `U+000A`; undefined where all are fit. */
export function unsafeCharacter(text: string, kind: Kind): string | undefined {
  const code = (kind.spelling === 'prose' ? unsafeInProse : unsafe).exec(text)?.[0].codePointAt(0);
  return code === undefined ? undefined : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
