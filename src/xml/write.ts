/** Writes a model into a tree, by its property table. Everything outside the table comes from the source. */
import { KvmnetError } from '../errors.ts';
import { arrange, whereTo, type Placement } from './arrange.ts';
import { childrenByName, elementName, scopeInside, type Scope } from './match.ts';
import { parseXml } from './parser.ts';
import { prose, type Document, type Field, type Fields, type Kind, type Namespace } from './table.ts';
import { isBlank, sourceOf, textOf, type XmlAttribute, type XmlElement, type XmlNode } from './tree.ts';
import { expected, readScalar, unsafeCharacter, writeScalar } from './value.ts';

/** Where the writer is. */
interface Writing {
  readonly name: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly fields: Fields;
  /** The element that the model was read from. */
  readonly origin: XmlElement | undefined;
  /** `network/ip[2]/dhcp`, for messages. */
  readonly path: string;
  readonly scope: Scope;
  /** A namespace that has to be declared here. */
  readonly declared: Namespace | undefined;
  /** How many elements this one is inside of. */
  readonly level: number;
}

type Outer = Pick<Writing, 'path' | 'scope' | 'level'>;

interface Inner {
  readonly fields: Fields;
  readonly namespace?: Namespace;
}

/**
 * Makes the tree of a document.
 * @throws KvmnetError INPUT for a value that does not fit, a character that must not be written, a property that the table
 * does not have, or a required one that is missing.
 */
export function writeDocument(document: Document, model: object): XmlElement {
  const root = writeElement({ path: '', scope: new Map(), level: -1 }, document.root, document.root, document, model);
  const origin = sourceOf(model);
  return { ...root, before: origin?.before, after: origin?.after };
}

function writeElement(outer: Outer, name: string, step: string, inner: Inner, model: unknown): XmlElement {
  const at = enter(outer, name, step, inner, model);
  for (const key of Object.keys(at.model)) {
    if (!Object.hasOwn(at.fields, key)) refuse(`${at.path} has no property ${JSON.stringify(key)}`);
  }
  const text = Object.entries(at.fields).find(([, field]) => field.form === 'content');
  return {
    kind: 'element',
    name: at.name,
    attributes: writeAttributes(at),
    children:
      text?.[1].form === 'content'
        ? writeText(at.origin, text[1].kind, at.model[text[0]] ?? '', at.path)
        : indent(arrange(nodesOf(at.origin), placementsOf(at)), at.level),
  };
}

function enter(outer: Outer, name: string, step: string, { fields, namespace }: Inner, model: unknown): Writing {
  const path = outer.path === '' ? step : `${outer.path}/${step}`;
  if (!isRecord(model)) return refuse(`${path} is ${JSON.stringify(model)}, not an object`);
  const origin = sourceOf(model);
  const scope = origin === undefined ? outer.scope : scopeInside(origin, outer.scope);
  const at = { model, fields, origin, path, level: outer.level + 1 };
  if (namespace === undefined) return { ...at, name, scope, declared: undefined };
  const bound = [...scope].find(([, uri]) => uri === namespace.uri)?.[0];
  if (bound !== undefined) return { ...at, name: bound === '' ? name : `${bound}:${name}`, scope, declared: undefined };
  const { prefix, uri } = namespace;
  return { ...at, name: `${prefix}:${name}`, scope: new Map([...scope, [prefix, uri]]), declared: namespace };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** White space between elements is regenerated; next to text it belongs to the text. */
function nodesOf(origin: XmlElement | undefined): readonly XmlNode[] {
  const children = origin?.children ?? [];
  return hasText(children) ? children : children.filter((node) => !isBlank(node));
}

function hasText(children: readonly XmlNode[]): boolean {
  return children.some((node) => node.kind === 'cdata' || (node.kind === 'text' && !isBlank(node)));
}

function indent(children: readonly XmlNode[], level: number): readonly XmlNode[] {
  if (children.length === 0 || hasText(children)) return children;
  const lineBreak = (depth: number): XmlNode => ({ kind: 'text', text: `\n${'  '.repeat(depth)}` });
  return [...children.flatMap((child) => [lineBreak(level + 1), child]), lineBreak(level)];
}

function writeAttributes(at: Writing): readonly XmlAttribute[] {
  const known = new Map(
    Object.entries(at.fields).flatMap(([key, field], rank) =>
      field.form === 'attribute' ? [[field.name ?? key, { key, field, rank }] as const] : [],
    ),
  );
  const attributes = (at.origin?.attributes ?? []).flatMap((attribute): readonly XmlAttribute[] => {
    const property = known.get(attribute.name);
    if (property === undefined) return [attribute];
    known.delete(attribute.name);
    const value = at.model[property.key];
    const path = `${at.path}/@${attribute.name}`;
    return value === undefined && !property.field.required
      ? []
      : [{ name: attribute.name, value: writeValue(path, property.field.kind, value, attribute.value) }];
  });
  const ranks = new Map(Object.entries(at.fields).map(([key, field], rank) => [field.name ?? key, rank]));
  for (const [name, { key, field, rank }] of known) {
    const value = at.model[key];
    if (value === undefined && !field.required) continue;
    const attribute = { name, value: writeValue(`${at.path}/@${name}`, field.kind, value) };
    attributes.splice(
      whereTo(attributes, rank, (entry) => ranks.get(entry.name)),
      0,
      attribute,
    );
  }
  if (at.declared !== undefined) attributes.push({ name: `xmlns:${at.declared.prefix}`, value: at.declared.uri });
  return attributes;
}

function placementsOf(at: Writing): readonly Placement[] {
  const elements = at.origin === undefined ? new Map<string, never>() : childrenByName(at.origin, at.scope);
  return Object.entries(at.fields).flatMap(([key, field], rank) => {
    const had: readonly XmlElement[] = elements.get(elementName(key, field)) ?? [];
    const items = itemsOf(at, key, field, had);
    // If an element should occur once, the first one counts, as with libvirt; the others are left alone.
    const isList = field.form === 'children' || field.form === 'leaves';
    return items === undefined ? [] : [{ rank, slots: isList ? had : had.slice(0, 1), items }];
  });
}

function itemsOf(at: Writing, key: string, field: Field, had: readonly XmlElement[]): Placement['items'] | undefined {
  const value = at.model[key];
  const name = field.name ?? key;
  const origin = had[0];
  switch (field.form) {
    case 'attribute':
    case 'content':
      return undefined;
    case 'leaves':
      return writeLeaves(at, name, field.kind, listOf(at, key, value), had);
    case 'children':
      return listOf(at, key, value).map((item, index) => ({
        element: writeElement(at, name, `${name}[${index + 1}]`, field, item),
        origin: isRecord(item) ? sourceOf(item) : undefined,
      }));
    case 'leaf':
      if (value === undefined && !field.required) return [];
      return [{ element: writeLeaf(`${at.path}/${name}`, name, field.kind, value, origin), origin }];
    case 'flag':
      if (value === undefined || value === false) return [];
      if (value !== true) return refuse(`${at.path}/${name} is ${JSON.stringify(value)}, not true or false`);
      return [{ element: origin ?? { kind: 'element', name, attributes: [], children: [] }, origin }];
    case 'verbatim':
      return value === undefined ? [] : [{ element: writeVerbatim(`${at.path}/${name}`, name, value, origin), origin }];
    case 'child':
      return value === undefined ? [] : [{ element: writeElement(at, name, name, field, value), origin }];
  }
}

function listOf(at: Writing, key: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : refuse(`${at.path}/${key} is ${JSON.stringify(value)}, not a list`);
}

/** Leaves have no identity but their text: one whose text stays is the one that it was. */
function writeLeaves(
  at: Writing,
  name: string,
  kind: Kind,
  values: readonly unknown[],
  had: readonly XmlElement[],
): Placement['items'] {
  const left = [...had];
  return values.map((value, index) => {
    const found = left.findIndex((element) => readScalar(kind, textOf(element)) === value);
    const origin = found === -1 ? undefined : left.splice(found, 1)[0];
    return { element: writeLeaf(`${at.path}/${name}[${index + 1}]`, name, kind, value, origin), origin };
  });
}

function writeLeaf(path: string, name: string, kind: Kind, value: unknown, origin: XmlElement | undefined): XmlElement {
  const children = writeText(origin, kind, value, path);
  return { kind: 'element', name, attributes: origin?.attributes ?? [], children };
}

function writeText(origin: XmlElement | undefined, kind: Kind, value: unknown, path: string): readonly XmlNode[] {
  const before = origin && textOf(origin);
  const text = writeValue(path, kind, value, before);
  if (origin !== undefined && text === before) return origin.children;
  const others = (origin?.children ?? []).filter((node) => node.kind !== 'text' && node.kind !== 'cdata');
  return text === '' ? others : [{ kind: 'text', text }, ...others];
}

function writeVerbatim(path: string, name: string, value: unknown, origin: XmlElement | undefined): XmlElement {
  if (origin !== undefined && value === origin.inner) return origin;
  if (typeof value !== 'string') return refuse(`${path} is ${JSON.stringify(value)}, not text`);
  const unsafe = unsafeCharacter(value, prose);
  if (unsafe !== undefined) refuse(`${path} has the character ${unsafe}, which is not allowed`);
  try {
    const { children } = parseXml(`<${name}>${value}</${name}>`, name).root;
    return { kind: 'element', name, attributes: origin?.attributes ?? [], children };
  } catch (cause) {
    return refuse(`${path} is not well-formed XML: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Unchanged values are written as they were, valid or not: only a new value must be valid. */
function writeValue(path: string, kind: Kind, value: unknown, before?: string): string {
  if (before !== undefined && readScalar(kind, before) === value) return before;
  if (value === undefined) return refuse(`${path} is missing`);
  const written = writeScalar(kind, value);
  if (written === undefined) return refuse(`${path} is ${JSON.stringify(value)}, not ${expected(kind)}`);
  const unsafe = unsafeCharacter(written, kind);
  if (unsafe !== undefined) refuse(`${path} has the character ${unsafe}, which is not allowed`);
  return written;
}

function refuse(message: string, cause?: unknown): never {
  throw new KvmnetError('INPUT', message, { cause });
}
