/** Reads a tree into a model, by its property table. */
import { KvmnetError } from '../errors.ts';
import { childrenByName, elementName, scopeInside, type Scope } from './match.ts';
import type { ParsedDocument } from './parser.ts';
import type { Document, Field, Fields, Kind, Model, Scalar } from './table.ts';
import { attributeOf, source, textOf, type XmlElement } from './tree.ts';
import { expected, readScalar } from './value.ts';
import { place } from './wellformed.ts';

/** Where the reader is. */
interface Reading {
  readonly element: XmlElement;
  /** `network/ip[2]/dhcp`, for messages. */
  readonly path: string;
  readonly scope: Scope;
  readonly text: string;
}

/**
 * Reads a document.
 * @throws KvmnetError INPUT for a value that does not fit its type, or a required one that is missing: with path, value,
 * line and column.
 */
export function readDocument<D extends Document>(document: D, parsed: ParsedDocument): Model<D> {
  const { root, text } = parsed;
  const scope = scopeInside(root, new Map());
  // The table is where the type comes from, so what is read by the table has the type.
  return readFields({ element: root, path: document.root, scope, text }, document.fields) as Model<D>;
}

function readFields(at: Reading, fields: Fields): object {
  const elements = childrenByName(at.element, at.scope);
  const model: Record<PropertyKey, unknown> = {};
  for (const { key, field, element } of rowsOf(fields)) {
    const value = readField(at, key, field, elements.get(element) ?? none);
    if (value !== undefined) model[key] = value;
    else if (field.required) refuse(at, `${at.path} has no ${describe(key, field)}`);
  }
  model[source] = at.element;
  return model;
}

interface FieldRow {
  readonly key: string;
  readonly field: Field;
  /** The name of its elements. */
  readonly element: string;
}

const known = new WeakMap<Fields, readonly FieldRow[]>();
const none: readonly XmlElement[] = [];

/** The same for each of 10,000 NICs. */
function rowsOf(fields: Fields): readonly FieldRow[] {
  const found = known.get(fields);
  if (found) return found;
  const rows = Object.entries(fields).map(([key, field]) => ({ key, field, element: elementName(key, field) }));
  known.set(fields, rows);
  return rows;
}

function readField(at: Reading, key: string, field: Field, elements: readonly XmlElement[]): unknown {
  const [first] = elements;
  const name = field.name ?? key;
  switch (field.form) {
    case 'attribute': {
      const written = attributeOf(at.element, name);
      return written === undefined ? undefined : readValue(at, `${at.path}/@${name}`, field.kind, written);
    }
    case 'content':
      return readValue(at, at.path, field.kind, textOf(at.element));
    case 'leaf':
      return first && readLeaf(inside(at, first, name), field.kind);
    case 'leaves':
      return elements.map((element, index) => readLeaf(inside(at, element, `${name}[${index + 1}]`), field.kind));
    case 'flag':
      return first && true;
    case 'verbatim':
      return first?.inner;
    case 'child':
      return first && readFields(inside(at, first, name), field.fields);
    case 'children':
      return elements.map((element, index) => readFields(inside(at, element, `${name}[${index + 1}]`), field.fields));
  }
}

function inside(at: Reading, element: XmlElement, step: string): Reading {
  return { element, path: `${at.path}/${step}`, scope: scopeInside(element, at.scope), text: at.text };
}

function readLeaf(at: Reading, kind: Kind): Scalar {
  return readValue(at, at.path, kind, textOf(at.element));
}

function readValue(at: Reading, path: string, kind: Kind, written: string): Scalar {
  const value = readScalar(kind, written);
  if (value === undefined) refuse(at, `${path} is ${JSON.stringify(written)}, not ${expected(kind)}`);
  return value;
}

/** `<name>`, or `attribute name`. */
function describe(key: string, field: Field): string {
  return field.form === 'attribute' ? `attribute ${field.name ?? key}` : `<${field.name ?? key}>`;
}

function refuse(at: Reading, message: string): never {
  throw new KvmnetError('INPUT', `${message} (${place(at.text, at.element.offset ?? 0)})`);
}
