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
  /** The name of the element in messages, and where several are possible, which of them it is, from 0. */
  readonly step: string;
  readonly index?: number | undefined;
  readonly outer?: Reading;
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
  return readFields({ element: root, step: document.root, scope, text }, document.fields) as Model<D>;
}

function readFields(at: Reading, fields: Fields): object {
  const elements = childrenByName(at.element, at.scope);
  const model: Record<PropertyKey, unknown> = {};
  for (const row of rowsOf(fields)) {
    const value = readField(at, row, (row.element === undefined ? undefined : elements.get(row.element)) ?? none);
    if (value !== undefined) model[row.key] = value;
    else if (row.field.required) refuse(at, `${pathOf(at)} has no ${describe(row)}`);
  }
  model[source] = at.element;
  return model;
}

interface FieldRow {
  readonly key: string;
  readonly field: Field;
  readonly name: string;
  /** The name of its elements; undefined for an attribute, and for the text of the element itself. */
  readonly element: string | undefined;
}

const known = new WeakMap<Fields, readonly FieldRow[]>();
const none: readonly XmlElement[] = [];

/** The same for each of 10,000 NICs. */
function rowsOf(fields: Fields): readonly FieldRow[] {
  const found = known.get(fields);
  if (found) return found;
  const rows = Object.entries(fields).map(([key, field]) => ({
    key,
    field,
    name: field.name ?? key,
    element: field.form === 'attribute' || field.form === 'content' ? undefined : elementName(key, field),
  }));
  known.set(fields, rows);
  return rows;
}

function readField(at: Reading, { field, name }: FieldRow, elements: readonly XmlElement[]): unknown {
  const first = elements[0];
  switch (field.form) {
    case 'attribute': {
      const written = attributeOf(at.element, name);
      return written === undefined ? undefined : readValue(at, field.kind, written, name);
    }
    case 'content':
      return readValue(at, field.kind, textOf(at.element));
    case 'leaf':
      return first && readLeaf(inside(at, first, name), field.kind);
    case 'leaves':
      return elements.map((element, index) => readLeaf(inside(at, element, name, index), field.kind));
    case 'flag':
      return first && true;
    case 'verbatim':
      return first?.inner;
    case 'child':
      return first && readFields(inside(at, first, name), field.fields);
    case 'children':
      return elements.map((element, index) => readFields(inside(at, element, name, index), field.fields));
  }
}

function inside(outer: Reading, element: XmlElement, step: string, index?: number): Reading {
  return { outer, element, step, index, scope: scopeInside(element, outer.scope), text: outer.text };
}

function readLeaf(at: Reading, kind: Kind): Scalar {
  return readValue(at, kind, textOf(at.element));
}

function readValue(at: Reading, kind: Kind, written: string, attribute?: string): Scalar {
  const value = readScalar(kind, written);
  if (value === undefined) {
    const path = attribute === undefined ? pathOf(at) : `${pathOf(at)}/@${attribute}`;
    refuse(at, `${path} is ${JSON.stringify(written)}, not ${expected(kind)}`);
  }
  return value;
}

/** `network/ip[2]/dhcp` */
function pathOf({ outer, step, index }: Reading): string {
  const own = index === undefined ? step : `${step}[${index + 1}]`;
  return outer === undefined ? own : `${pathOf(outer)}/${own}`;
}

/** `<name>`, or `attribute name`. */
function describe({ field, name }: FieldRow): string {
  return field.form === 'attribute' ? `attribute ${name}` : `<${name}>`;
}

function refuse(at: Reading, message: string): never {
  throw new KvmnetError('INPUT', `${message} (${place(at.text, at.element.offset ?? 0)})`);
}
