/**
 * Domains that libvirt wrote, read as far as they are used. A host with 1,000 domains is mostly asked about NICs, and often about the NICs of one
 * domain; the documents have ten times as much.
 */
import { domainIn, guest, parseDomain, type Domain } from './domain.ts';
import { nic, type Interface } from './interface.ts';
import { isPlain, parseChecked, type ParsedDocument } from './parser.ts';
import { readDocument } from './read.ts';
import { children, document } from './table.ts';
import { isElement, source, sourceOf, type XmlNode } from './tree.ts';

const nicList = document('devices', { interfaces: children('interface', nic.fields) });

/**
 * Returns the model that `parseDomain` returns; its NICs are read when they are first used, and so is the rest.
 * @param xml as libvirt writes it
 * @param reading wraps the later readings, which may throw: it can add whose definition it is
 * @throws KvmnetError INPUT for a document that is not as libvirt writes it, and is read at once
 */
export function lazyDomain(xml: string, reading: <T>(read: () => T) => T = (read) => read()): Domain {
  const text = nicText(xml);
  if (text === undefined) return parseDomain(xml);
  const nics = once(() => reading(() => readDocument(nicList, parseChecked(text, nicList.root)).interfaces));
  const rest = once(() => reading(() => domainIn(withNics(parseChecked(xml, guest.root), nics()))));
  const domain = Object.defineProperties({}, properties) as Domain;
  readings.set(domain, { nics, rest, xml });
  return domain;
}

interface Readings {
  readonly nics: () => Domain['interfaces'];
  readonly rest: () => Domain;
  readonly xml: string;
}

const readings = new WeakMap<object, Readings>();

/** A property that is read when it is first used. */
function property(read: (readings: Readings) => unknown): PropertyDescriptor & ThisType<object> {
  return {
    get() {
      const found = readings.get(this);
      return found && read(found);
    },
    enumerable: true,
  };
}

const { devices: _, ...ownFields } = guest.fields;
const restKeys = [
  ...(Object.keys(ownFields) as readonly (keyof typeof ownFields)[]),
  ...(['emulator', 'controllers', 'pciAddresses'] as const),
];

const properties: PropertyDescriptorMap = {
  interfaces: property(({ nics }) => nics()),
  ...Object.fromEntries(restKeys.map((key) => [key, property(({ rest }) => rest()[key])])),
  [source]: property(({ rest }) => sourceOf(rest())),
  type: property(({ rest, xml }) => writtenType.exec(xml)?.[1] ?? rest().type),
};

const writtenType = /^<domain type='(kvm|qemu|lxc|xen|hvf|test)'/;

const writtenNic = /^ {4}<interface [^>]*[^/]>\n[^]*?^ {4}<\/interface>$/gm;

/** The text of all NICs; undefined if the document is not as libvirt writes it. Metadata comes before the devices, and may contain anything. */
function nicText(xml: string): string | undefined {
  const start = xml.lastIndexOf('\n  <devices>\n');
  const end = xml.lastIndexOf('\n  </devices>\n');
  if (start === -1 || end < start || !isPlain(xml)) return undefined;
  const devices = xml.slice(start, end);
  const nics = devices.match(writtenNic) ?? [];
  const count = devices.match(/<interface /g)?.length ?? 0;
  return nics.length === count ? `<devices>${nics.join('\n')}</devices>` : undefined;
}

/** The same document, in which the NICs are the elements that the models of NICs were read from: a writer finds them by that. */
function withNics({ root, text }: ParsedDocument, nics: readonly Interface[]): ParsedDocument {
  const rest = nics.map(sourceOf);
  const inDevices = (node: XmlNode): XmlNode =>
    isElement(node) && node.name === 'interface' ? (rest.shift() ?? node) : node;
  const inRoot = (node: XmlNode): XmlNode =>
    isElement(node) && node.name === 'devices' ? { ...node, children: node.children.map(inDevices) } : node;
  return { root: { ...root, children: root.children.map(inRoot) }, text };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
