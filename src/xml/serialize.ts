/** The one home of xmlbuilder2: tree -> text. It takes 40 ms to load, so nothing that only reads may import it. */
import { fragment } from 'xmlbuilder2';
import type { XmlElement, XmlNode } from './tree.ts';

type DomNode = ReturnType<typeof fragment>['node'];
type DomDocument = NonNullable<DomNode['ownerDocument']>;

/**
 * Writes a document as it is: white space comes from the tree. A line break ends it, as with libvirt.
 *
 * The nodes are made with the builder's document and not with `ele` and `att`: those resolve namespaces, and write a second
 * `xmlns` or another prefix if a prefix is undeclared or a default namespace changes. Here names are just names.
 */
export function serialize(root: XmlElement): string {
  const builder = fragment();
  const document = builder.node.ownerDocument;
  if (document === null) throw new TypeError('a fragment of xmlbuilder2 has no document');
  for (const node of [...(root.before ?? []), root, ...(root.after ?? [])]) {
    builder.node.appendChild(toDom(document, node));
    builder.node.appendChild(document.createTextNode('\n'));
  }
  return builder.toString();
}

function toDom(document: DomDocument, node: XmlNode): DomNode {
  switch (node.kind) {
    case 'text':
      return document.createTextNode(escapeText(node.text));
    case 'cdata':
      return document.createCDATASection(node.text);
    case 'comment':
      return document.createComment(node.text);
    case 'instruction':
      return document.createProcessingInstruction(node.target, node.text);
    case 'element': {
      const element = document.createElement(node.name);
      for (const { name, value } of node.attributes) element.setAttribute(name, escapeAttribute(value));
      for (const child of node.children) element.appendChild(toDom(document, child));
      return element;
    }
  }
}

// xmlbuilder2 leaves `&name;` and `&#1;` alone, thinking that they are references; so each & becomes a reference here.
// And it writes tabs and line breaks as they are, which a reader makes spaces of (in an attribute) or drops (\r).
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('\r', '&#13;');
}

function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replace(/[\t\n\r]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
