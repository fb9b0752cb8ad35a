/** XML as a tree of plain values: what parser.ts gives, what serialize.ts writes. Text and attribute values are decoded. */

export type XmlNode = XmlElement | XmlText | XmlComment | XmlCdata | XmlInstruction;

export interface XmlElement {
  readonly kind: 'element';
  /** As written, prefix included. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** The exact text between the two tags; undefined for an element that was not read from a document. */
  readonly inner?: string | undefined;
  /** Where its tag begins in the document, counted in characters. */
  readonly offset?: number | undefined;
  /** Comments and processing instructions around the root element. */
  readonly before?: readonly XmlNode[] | undefined;
  readonly after?: readonly XmlNode[] | undefined;
}

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
}

export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
}

export interface XmlComment {
  readonly kind: 'comment';
  readonly text: string;
}

export interface XmlCdata {
  readonly kind: 'cdata';
  readonly text: string;
}

export interface XmlInstruction {
  readonly kind: 'instruction';
  readonly target: string;
  readonly text: string;
}

/**
 * The key under which a model carries the element it was read from. It is a symbol so that `{ ...model }` keeps it and
 * JSON.stringify does not see it.
 */
export const source: unique symbol = Symbol('the element that this was read from');

/** The element that a model was read from; undefined for one made by hand. */
export function sourceOf(model: object): XmlElement | undefined {
  return (model as { readonly [source]?: XmlElement })[source];
}

export function isElement(node: XmlNode): node is XmlElement {
  return node.kind === 'element';
}

/** Nothing but white space, as between two elements. */
export function isBlank(node: XmlNode): boolean {
  return node.kind === 'text' && /^[ \t\r\n]*$/.test(node.text);
}

/** The text directly inside an element, comments left out. */
export function textOf(element: XmlElement): string {
  return element.children.map((node) => (node.kind === 'text' || node.kind === 'cdata' ? node.text : '')).join('');
}

export function attributeOf(element: XmlElement, name: string): string | undefined {
  for (const attribute of element.attributes) if (attribute.name === name) return attribute.value;
  return undefined;
}
