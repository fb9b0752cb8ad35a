/** The one home of fast-xml-parser: text -> tree. */
import { XMLParser } from 'fast-xml-parser';
import { KvmnetError } from '../errors.ts';
import type { XmlAttribute, XmlElement, XmlNode } from './tree.ts';
import { checkWellFormed } from './wellformed.ts';

const nothing = (): void => undefined;

// Entities stay unchanged and are decoded here: only this distinguishes a line break written as &#10; from a typed one,
// which XML reads as a space.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  // Otherwise each document makes its own.
  entityDecoder: {
    decode: (text) => text,
    reset: nothing,
    addInputEntities: nothing,
    setExternalEntities: nothing,
    setXmlVersion: nothing,
  },
  ignoreDeclaration: true,
  commentPropName: '#comment',
  cdataPropName: '#cdata',
  captureMetaData: true,
  maxNestedTags: Infinity,
  // No option here is a function that needs the path, which would be made for each node.
  jPath: false,
  onDangerousProperty: (property) => property,
});
const range = XMLParser.getMetaDataSymbol() as symbol;

/** A node as the parser returns it: one key with its name and children, the attributes under `:@`, and its place. */
type Parsed = Readonly<Record<string, unknown>> & {
  readonly [key: symbol]: { readonly startIndex?: number; readonly endIndex?: number } | undefined;
};

/** A document: its root element, and its text with line ends and byte order mark normalized. */
export interface ParsedDocument {
  readonly root: XmlElement;
  readonly text: string;
}

/**
 * Reads a well-formed XML document with the root element `expected`.
 * @throws KvmnetError INPUT, with line and column, for what is not well-formed, has a DOCTYPE, another root element, more
 * than 4 MiB, or more than 256 levels.
 */
export function parseXml(xml: string, expected: string): ParsedDocument {
  const text = xml.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  return toDocument(text, withoutReservedNames(text, checkWellFormed(text)), expected);
}

/** The same for text that is known to be well-formed, with names that no object of JavaScript has: it is not checked. */
export function parseChecked(text: string, expected: string): ParsedDocument {
  return toDocument(text, text, expected);
}

/** Parts that only the strict reader treats correctly. */
const unusual = /<[?!]|<\/?(?:__proto__|constructor|prototype)[\s/>]/;

/** Whether a document that libvirt wrote can be read by `parseChecked`: it is well-formed. */
export function isPlain(xml: string): boolean {
  return !unusual.test(xml);
}

function toDocument(text: string, masked: string, expected: string): ParsedDocument {
  const nodes = toNodes(parsed(masked), text);
  const at = nodes.findIndex((node) => node.kind === 'element');
  const root = nodes[at];
  if (root?.kind !== 'element') throw new KvmnetError('INPUT', 'the XML has no element');
  if (root.name !== expected) {
    throw new KvmnetError('INPUT', `the XML is a <${root.name}>, not a <${expected}>`, {
      hint: `give a document that begins with <${expected}>`,
    });
  }
  const isAround = (node: XmlNode): boolean => node.kind !== 'text';
  const around = { before: nodes.slice(0, at).filter(isAround), after: nodes.slice(at + 1).filter(isAround) };
  // Not spread: that would cut out its inner text, which few need.
  return { root: Object.assign(root, around), text };
}

/** The parser refuses elements with these names, as they are properties of every object. */
const reserved = /(?:__proto__|constructor|prototype)(?=[\s/>])/y;

/** The same text, in which those names have another first letter: each name is read from the text itself. */
function withoutReservedNames(text: string, names: readonly number[]): string {
  let masked = '';
  let end = 0;
  for (const at of names) {
    reserved.lastIndex = at;
    if (!reserved.test(text)) continue;
    masked += `${text.slice(end, at)}x`;
    end = at + 1;
  }
  return masked + text.slice(end);
}

/** Throws for a document that passed the check but that the parser cannot read, such as an instruction with an odd quote. */
function parsed(text: string): readonly Parsed[] {
  try {
    return parser.parse(text) as readonly Parsed[];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KvmnetError('INPUT', `the XML cannot be read: ${reason}`, { cause });
  }
}

function toNodes(list: readonly Parsed[], text: string): readonly XmlNode[] {
  return list.map((parsed) => toNode(parsed, text));
}

function toNode(parsed: Parsed, text: string): XmlNode {
  const key = keyOf(parsed);
  const value = parsed[key];
  if (key === '#text') return { kind: 'text', text: decode(String(value)) };
  const children = value as readonly Parsed[];
  if (key === '#comment') return { kind: 'comment', text: inside(children) };
  if (key === '#cdata') return { kind: 'cdata', text: inside(children) };
  const { startIndex: start = 0, endIndex: end = 0 } = parsed[range] ?? {};
  const name = text.slice(start + 1, start + 1 + key.length);
  if (name.startsWith('?')) {
    const data = text.slice(start + 1 + name.length, end - 2);
    return { kind: 'instruction', target: name.slice(1), text: data.trimStart() };
  }
  return {
    kind: 'element',
    name,
    attributes: toAttributes(parsed[':@']),
    children: toNodes(children, text),
    get inner() {
      return innerText(text.slice(start, end));
    },
    offset: start,
  };
}

function keyOf(parsed: Parsed): string {
  for (const key in parsed) if (key !== ':@') return key;
  return '';
}

/** Comments and CDATA come as a list of one text. */
function inside(children: readonly Parsed[]): string {
  return children.map((child) => (typeof child['#text'] === 'string' ? child['#text'] : '')).join('');
}

function toAttributes(parsed: unknown): readonly XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  const values = (parsed ?? {}) as Readonly<Record<string, string>>;
  for (const name in values) {
    attributes.push({ name: name.slice(1), value: decode((values[name] ?? '').replace(/[\t\n]/g, ' ')) });
  }
  return attributes;
}

/** Returns the text between the opening and the closing tag of `<a …>…</a>`. */
function innerText(element: string): string {
  const opening = /^<(?:[^>"']|"[^"]*"|'[^']*')*>/.exec(element)?.[0] ?? '';
  return opening.endsWith('/>') ? '' : element.slice(opening.length, element.lastIndexOf('</'));
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The references are known to be good: the document is well-formed. */
function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g,
    (whole, hex?: string, decimal?: string, word?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(parseInt(decimal, 10));
      return named[word ?? ''] ?? whole;
    },
  );
}
