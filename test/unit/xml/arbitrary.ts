/** Any text, and any model that a property table allows. */
import fc from 'fast-check';
import type { Field, Fields } from '../../../src/xml/table.ts';

/** Pieces that would break out of where they stand, if they were not escaped. */
const pieces = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    `'/><x a='`,
    `"/><x a="`,
    ']]>',
    '<![CDATA[',
    '<!--',
    '-->',
    '&',
    '&lt;',
    '&#10;',
    '&foo;',
    '<',
    '>',
    '\n',
    '\r',
    '\t',
    ' ',
  ),
);
export const anyText = fc.array(pieces, { maxLength: 4 }).map((list) => list.join(''));

/** Text that XML can hold: https://www.w3.org/TR/xml/#charsets. */
export function isXmlText(text: string): boolean {
  return !/[\0-\u0008\u000B\u000C\u000E-\u001F\p{Cs}\uFFFE\uFFFF]/u.test(text);
}

export const xmlText = anyText.filter(isXmlText);

/** Text that any property of a model may have: no control characters, no line ends. */
export const fitText = anyText.map((text) => text.replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF\u2028\u2029]/gu, ''));

/** Any model that a table allows: each property there or not, with any value of its type. */
export function modelOf(fields: Fields, text: fc.Arbitrary<string>): fc.Arbitrary<object> {
  const entries = Object.entries(fields).map(([key, field]) => [key, valueOf(field, text)] as const);
  const required = Object.entries(fields).flatMap(([key, field]) => (field.required ? [key] : []));
  return fc.record(Object.fromEntries(entries), { requiredKeys: required });
}

function valueOf(field: Field, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  switch (field.form) {
    case 'child':
      return modelOf(field.fields, text);
    case 'children':
      return fc.array(modelOf(field.fields, text), { maxLength: 3 });
    case 'leaves':
      return fc.array(text, { maxLength: 3 });
    case 'flag':
      return fc.constant(true);
    case 'verbatim':
      return fc.constantFrom('', '<a/>', '<k:a xmlns:k="urn:k">b</k:a>');
    default:
      return scalarOf(field.kind.spelling, text);
  }
}

function scalarOf(spelling: string, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  switch (spelling) {
    case 'integer':
      return fc.maxSafeInteger();
    case 'digits':
      return fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }).map(String));
    case 'yes/no':
    case 'on/off':
      return fc.boolean();
    default:
      return text;
  }
}
