/** The meaning of XML apart from its layout, and the parts of it that libvirt dropped. */
import { childrenByName, elementName, scopeInside, type Scope } from './match.ts';
import { network as networkTable, type NetworkInput } from './network.ts';
import type { Fields } from './table.ts';
import { isElement, sourceOf, type XmlElement, type XmlNode } from './tree.ts';

/** One spelling for XML of others: without comments and layout, attributes in order. */
export function canonicalXml(nodes: readonly XmlNode[]): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text' || node.kind === 'cdata') return node.text.trim();
      if (node.kind !== 'element') return '';
      const attributes = node.attributes.map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`).sort();
      return `<${node.name}${attributes.join('')}>${canonicalXml(node.children)}</${node.name}>`;
    })
    .join('');
}

/**
 * Returns the elements and attributes unknown to kvmnet that `asked` has and `got` lacks: libvirt silently drops what it
 * does not know itself. As `network/bridge/@name="value"` and `network/<element>…</element>`.
 * A network that was made by hand has none.
 */
export function lostXml(asked: NetworkInput, got: NetworkInput): readonly string[] {
  const kept = new Set(unknownXml(got));
  return unknownXml(asked).filter((what) => !kept.has(what));
}

function unknownXml(network: NetworkInput): readonly string[] {
  const element = sourceOf(network);
  return element === undefined ? [] : unknownIn(element, networkTable.fields, networkTable.root, new Map());
}

function unknownIn(element: XmlElement, fields: Fields, path: string, outer: Scope): readonly string[] {
  const scope = scopeInside(element, outer);
  const entries = Object.entries(fields);
  const attributes = new Set(
    entries.flatMap(([key, field]) => (field.form === 'attribute' ? [field.name ?? key] : [])),
  );
  const elements = new Map(
    entries.flatMap(([key, field]) => (field.form === 'attribute' ? [] : [[elementName(key, field), field] as const])),
  );
  return [
    ...element.attributes
      .filter(({ name }) => !attributes.has(name) && name !== 'xmlns' && !name.startsWith('xmlns:'))
      .map(({ name, value }) => `${path}/@${name}=${JSON.stringify(value)}`),
    ...[...childrenByName(element, scope)].flatMap(([name, children]) => {
      const field = elements.get(name);
      if (field === undefined) return children.map((child) => `${path}/${canonicalXml([child])}`);
      if (!('fields' in field)) return [];
      return children
        .filter(isElement)
        .flatMap((child) => unknownIn(child, field.fields, `${path}/${child.name}`, scope));
    }),
  ];
}
