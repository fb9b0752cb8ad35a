import { KvmnetError } from '../errors.ts';

/** libvirt's own limit for a string in a message (VIR_NET_MESSAGE_STRING_MAX). */
const maxBytes = 4 * 1024 * 1024;
/** libxml2's own limit, with which libvirt reads. */
const maxDepth = 256;

const name =
  '[A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}]' +
  '[-.0-9A-Z_a-z\\u00B7\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u203F\\u2040' +
  '\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}]*';
const qualifiedName = new RegExp(`${name}(?::${name})?`, 'uy');
const blank = /[ \t\r\n]+/y;
const reference = /&(?:amp|lt|gt|quot|apos|#(\d+)|#x([0-9A-Fa-f]+));/y;
const typographic = /[“”‘’‚„‛‟«»‹›″′]/;
const illegal = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/u;

/** Where `offset` is in the text: `line 3, column 7`. */
export function place(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`;
}

/**
 * Refuses what is not a well-formed document, before anything is read from it. Our parser, and the validator that comes
 * with it, accept truncated documents, two roots, unknown entities and `<` in a value, and guess what was meant.
 * Source: https://www.w3.org/TR/xml/ without DTDs, https://www.w3.org/TR/xml-names/ for the form of names.
 * @returns where the names of elements begin, in opening and closing tags
 */
export function checkWellFormed(xml: string): readonly number[] {
  if (xml.length > maxBytes || Buffer.byteLength(xml) > maxBytes) {
    throw new KvmnetError('INPUT', 'the XML is larger than 4 MiB', {
      hint: 'libvirt does not accept larger documents',
    });
  }
  const bad = illegal.exec(xml);
  if (bad !== null) {
    const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    refuse(xml, bad.index, `the character U+${code} is not allowed in XML`);
  }
  if (/^\s*$/.test(xml)) throw new KvmnetError('INPUT', 'the XML is empty');
  return checkNodes(xml, checkDeclaration(xml));
}

function checkDeclaration(xml: string): number {
  if (!/^<\?xml[ \t\r\n]/.test(xml)) return 0;
  const declaration =
    /^<\?xml\s+version\s*=\s*(?:'1\.\d+'|"1\.\d+")(?:\s+encoding\s*=\s*(?:'([^'<&]*)'|"([^"<&]*)"))?(?:\s+standalone\s*=\s*(?:'(?:yes|no)'|"(?:yes|no)"))?\s*\?>/.exec(
      xml,
    );
  if (declaration === null) return refuseTag(xml, 0, 0, 'the XML declaration is malformed');
  const encoding = declaration[1] ?? declaration[2] ?? 'utf-8';
  if (!/^(?:utf-?8|us-ascii)$/i.test(encoding)) {
    throw new KvmnetError('INPUT', `the XML declares the encoding ${encoding}`, {
      hint: 'save it as UTF-8, and write encoding="UTF-8"',
    });
  }
  return declaration[0].length;
}

/** An element that is open: its name, and where. */
interface Open {
  readonly name: string;
  readonly offset: number;
}

function checkNodes(xml: string, start: number): readonly number[] {
  const open: Open[] = [];
  const names: number[] = [];
  let root: string | undefined;
  let at = start;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    const textEnd = next === -1 ? xml.length : next;
    checkText(xml, at, textEnd, open.length > 0, root);
    at = textEnd;
    if (next === -1) break;
    if (xml.startsWith('<!--', at)) {
      at = skipComment(xml, at);
    } else if (xml.startsWith('<![CDATA[', at)) {
      if (open.length === 0) refuse(xml, at, 'the XML has a CDATA section outside the root element');
      at = skipTo(xml, at, ']]>', 'a CDATA section is not closed');
    } else if (xml.startsWith('<?', at)) {
      at = skipInstruction(xml, at);
    } else if (xml.startsWith('<!', at)) {
      refuse(xml, at, 'DOCTYPE and other declarations are not accepted', 'remove the line that begins with <!');
    } else if (xml.startsWith('</', at)) {
      names.push(at + 2);
      at = checkClosingTag(xml, at, open);
    } else {
      if (open.length === 0 && root !== undefined) {
        refuse(xml, at, `the XML has a second root element after <${root}>`, 'give one document at a time');
      }
      names.push(at + 1);
      const tag = checkOpeningTag(xml, at);
      root ??= tag.name;
      if (!tag.empty) open.push({ name: tag.name, offset: at });
      if (open.length > maxDepth) refuse(xml, at, `the XML is nested deeper than ${maxDepth} levels`);
      at = tag.end;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) refuse(xml, unclosed.offset, `<${unclosed.name}> is never closed`, cutOff);
  if (root === undefined) throw new KvmnetError('INPUT', 'the XML has no element');
  return names;
}

function checkText(xml: string, start: number, end: number, inside: boolean, root: string | undefined): void {
  const text = xml.slice(start, end);
  if (!inside) {
    const offset = text.search(/[^ \t\r\n]/);
    if (offset === -1) return;
    const where = root === undefined ? 'before the root element: this is not XML' : `after </${root}>`;
    refuse(xml, start + offset, `the XML has text ${where}`);
  }
  const bracket = text.indexOf(']]>');
  if (bracket !== -1) refuse(xml, start + bracket, 'the text has ]]>', 'write ]]&gt;');
  checkReferences(xml, start, end);
}

function checkReferences(xml: string, start: number, end: number): void {
  let at = xml.indexOf('&', start);
  while (at !== -1 && at < end) {
    reference.lastIndex = at;
    const match = reference.exec(xml);
    if (match === null) {
      const entity = /^&[^\s;&<>'"]*;/.exec(xml.slice(at, at + 80));
      if (entity === null) refuse(xml, at, 'the XML has an unescaped &', 'write &amp;');
      refuse(xml, at, `the entity ${entity[0]} is not known`, 'XML knows &amp; &lt; &gt; &quot; &apos; and &#NUMBER;');
    }
    const code = match[1] === undefined ? parseInt(match[2] ?? '38', 16) : parseInt(match[1], 10);
    if (code > 0x10ffff || illegal.test(String.fromCodePoint(code))) {
      refuse(xml, at, `${match[0]} is not a character of XML`);
    }
    at = xml.indexOf('&', reference.lastIndex);
  }
}

function checkClosingTag(xml: string, at: number, open: Open[]): number {
  const tag = readName(xml, at + 2, at);
  const end = skipBlank(xml, at + 2 + tag.length);
  if (xml[end] !== '>') refuseTag(xml, at, end, `</${tag} is not closed with >`);
  const last = open.pop();
  if (last === undefined) refuse(xml, at, `</${tag}> closes nothing`);
  if (last.name !== tag) {
    refuse(xml, at, `</${tag}> does not close <${last.name}> of ${place(xml, last.offset)}`);
  }
  return end + 1;
}

function checkOpeningTag(xml: string, start: number): { name: string; end: number; empty: boolean } {
  const tag = readName(xml, start + 1, start);
  const seen = new Set<string>();
  let at = start + 1 + tag.length;
  for (;;) {
    const next = skipBlank(xml, at);
    if (xml[next] === '>') return { name: tag, end: next + 1, empty: false };
    if (xml.startsWith('/>', next)) return { name: tag, end: next + 2, empty: true };
    if (next >= xml.length) refuseTag(xml, start, next, `<${tag} is never closed`);
    if (next === at) refuseTag(xml, start, next, `<${tag}> has a character where a space or > should be`);
    const attribute = readName(xml, next, start);
    if (seen.has(attribute)) refuse(xml, next, `<${tag}> has the attribute ${attribute} twice`);
    seen.add(attribute);
    at = checkValue(xml, start, skipBlank(xml, next + attribute.length), `the attribute ${attribute} of <${tag}>`);
  }
}

/** `at` is at the equals sign; returns where the value ends. */
function checkValue(xml: string, tag: number, at: number, what: string): number {
  if (xml[at] !== '=') refuseTag(xml, tag, at, `${what} has no value`);
  const open = skipBlank(xml, at + 1);
  const quote = xml[open];
  if (quote !== '"' && quote !== "'") refuseTag(xml, tag, open, `${what} has a value without quotes`);
  const close = xml.indexOf(quote, open + 1);
  if (close === -1) refuseTag(xml, tag, open, `${what} has a value that is never closed`);
  const less = xml.slice(open, close).indexOf('<');
  if (less !== -1) refuseTag(xml, tag, open + less, `${what} has < in its value`, 'write &lt;, or close the quotes');
  checkReferences(xml, open, close);
  return close + 1;
}

function readName(xml: string, at: number, tag: number): string {
  qualifiedName.lastIndex = at;
  const match = qualifiedName.exec(xml);
  if (match === null) return refuseTag(xml, tag, at, 'a name is missing here', 'write &lt; for a < that is text');
  if (xml[at + match[0].length] === ':') refuseTag(xml, tag, at, `${match[0]}: has too many colons`);
  return match[0];
}

function skipBlank(xml: string, at: number): number {
  blank.lastIndex = at;
  return blank.test(xml) ? blank.lastIndex : at;
}

function skipComment(xml: string, at: number): number {
  const dashes = xml.indexOf('--', at + 4);
  if (dashes === -1) refuse(xml, at, 'a comment is not closed');
  if (xml[dashes + 2] !== '>') refuse(xml, dashes, 'a comment has --');
  return dashes + 3;
}

function skipInstruction(xml: string, at: number): number {
  const target = readName(xml, at + 2, at);
  if (target.toLowerCase() === 'xml') refuse(xml, at, 'the XML declaration must be the very first thing');
  if (target.includes(':')) refuse(xml, at, `the processing instruction ${target} has a colon in its name`);
  const data = at + 2 + target.length;
  if (!xml.startsWith('?>', data) && skipBlank(xml, data) === data) {
    refuse(xml, data, `the processing instruction ${target} is malformed`);
  }
  return skipTo(xml, data, '?>', 'a processing instruction is not closed');
}

function skipTo(xml: string, at: number, end: string, message: string): number {
  const found = xml.indexOf(end, at);
  if (found === -1) refuse(xml, at, message);
  return found + end.length;
}

const cutOff = 'the XML may be cut off at the end';

function refuse(xml: string, offset: number, message: string, hint?: string): never {
  const remedy = offset >= xml.length ? cutOff : hint;
  throw new KvmnetError('INPUT', `${message} (${place(xml, offset)})`, remedy === undefined ? {} : { hint: remedy });
}

/** Refuses a tag; if it has typographic quotes, the error names them. */
function refuseTag(xml: string, tag: number, offset: number, message: string, hint?: string): never {
  const close = xml.indexOf('>', offset);
  const quote = typographic.exec(xml.slice(tag, close === -1 ? offset + 1 : close));
  if (quote === null) refuse(xml, offset, message, hint);
  refuse(
    xml,
    tag + quote.index,
    `the XML was pasted from a web page or a word processor: it has the typographic quote ${quote[0]} around a value`,
    `replace the quotes “ ” ‘ ’ „ « » by ' or "`,
  );
}
