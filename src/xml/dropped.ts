/** Parts of a document that are lost when it is read back: libvirt silently drops what it does not know. */
import { parseXml } from './parser.ts';
import { isElement, type XmlElement } from './tree.ts';
import { guest } from './domain.ts';

/**
 * The elements and attributes of a domain's XML whose names do not occur any more, at their place, in what libvirt made of it. Their values are
 * not compared: libvirt has its own units and spellings.
 * @returns paths as `devices/interface/fliter` and `devices/disk/@nosuch`; of an element that is gone, nothing inside
 * @throws KvmnetError INPUT for what is not well-formed, or not a domain
 */
export function droppedXml(asked: string, got: string): readonly string[] {
  const kept = new Set(namesIn(parseXml(got, guest.root).root, ''));
  return [...new Set(namesIn(parseXml(asked, guest.root).root, '', kept))].filter((path) => !kept.has(path));
}

/** Paths of what is inside; with `known`, nothing inside elements that are not among these. */
function namesIn(element: XmlElement, path: string, known?: ReadonlySet<string>): readonly string[] {
  const attributes = element.attributes
    .filter(({ name }) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(({ name }) => `${path}@${name}`);
  const elements = element.children.filter(isElement).flatMap((child) => {
    const place = `${path}${child.name}`;
    return known !== undefined && !known.has(place) ? [place] : [place, ...namesIn(child, `${place}/`, known)];
  });
  return [...attributes, ...elements];
}
