/** Elements as text. xmlbuilder2 makes a tree of objects first, which takes ten seconds and a gigabyte for a host of ten thousand guests. */
import { printable } from '../values/printable.ts';

/** @param children texts of elements, and of `words` */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(printable(String(value)))}"`);
  const start = `<${name}${list.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}

/** Text between two tags. */
export function words(content: string): string {
  return escaped(content);
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => references[sign] ?? sign);
}
