/** An element of libvirt's XML as virsh prints a part of it: letter by letter what libxml2's xmlNodeDump makes of it. */
import type { XmlElement, XmlNode } from '../../../xml/tree.ts';

/** Writes an element without a line break at the end; the white space inside is unchanged. */
export function dumpElement(element: XmlElement): string {
  const attributes = element.attributes.map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`).join('');
  if (element.children.length === 0) return `<${element.name}${attributes}/>`;
  return `<${element.name}${attributes}>${element.children.map(dumpNode).join('')}</${element.name}>`;
}

function dumpNode(node: XmlNode): string {
  switch (node.kind) {
    case 'element':
      return dumpElement(node);
    case 'text':
      return escapeText(node.text);
    case 'comment':
      return `<!--${node.text}-->`;
    case 'cdata':
      return `<![CDATA[${node.text}]]>`;
    case 'instruction':
      return `<?${node.target} ${node.text}?>`;
  }
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? '').replace(/[\r\u0080-\u{10ffff}]/gu, reference);
}

function escapeAttribute(value: string): string {
  return value
    .replace(/[&<>"]/g, (character) => entities[character] ?? '')
    .replace(/[\t\n\r]/g, (character) => `&#${String(character.charCodeAt(0))};`)
    .replace(/[\u0080-\u{10ffff}]/gu, reference);
}

/** libvirt's documents name no encoding, and libxml2 then writes ASCII only. */
function reference(character: string): string {
  if (character === '\r') return '&#13;';
  return `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;
}
