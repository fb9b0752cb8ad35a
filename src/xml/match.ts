/** Which elements of a tree are the ones that a property table names. */
import type { Field } from './table.ts';
import { isElement, type XmlAttribute, type XmlElement } from './tree.ts';

/** Prefix -> URI of the namespaces that are declared here or further out; `''` is the default one. */
export type Scope = ReadonlyMap<string, string>;

/** The namespaces that hold inside `element`. */
export function scopeInside(element: XmlElement, outer: Scope): Scope {
  if (!element.attributes.some(isDeclaration)) return outer;
  const declared = element.attributes.filter(isDeclaration);
  return new Map([...outer, ...declared.map(({ name, value }) => [name.slice('xmlns:'.length), value] as const)]);
}

function isDeclaration({ name }: XmlAttribute): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

/** The child elements by the name that tables know them by. */
export function childrenByName(element: XmlElement, scope: Scope): ReadonlyMap<string, readonly XmlElement[]> {
  const found = new Map<string, XmlElement[]>();
  for (const child of element.children) {
    if (!isElement(child)) continue;
    const name = resolve(child, scopeInside(child, scope));
    const list = found.get(name);
    if (list === undefined) found.set(name, [child]);
    else list.push(child);
  }
  return found;
}

/** The name that a field's element has in `childrenByName`. */
export function elementName(key: string, field: Field): string {
  const name = field.name ?? key;
  const namespace = 'namespace' in field ? field.namespace : undefined;
  return namespace === undefined ? name : `{${namespace.uri}}${name}`;
}

function resolve(element: XmlElement, scope: Scope): string {
  if (scope.size === 0) return element.name;
  const colon = element.name.indexOf(':');
  const uri = scope.get(element.name.slice(0, Math.max(colon, 0)));
  return uri === undefined || uri === '' ? element.name : `{${uri}}${element.name.slice(colon + 1)}`;
}
