/**
 * The sections of virNetworkUpdate as XML: the entries of a definition, and which of them libvirt takes a given element for.
 * Source: libvirt's virNetworkDefUpdateIPDHCPHost and its like; https://libvirt.org/html/libvirt-libvirt-network.html
 */
import type { NetworkState } from '../../state/state.ts';
import { parseXml } from '../../xml/parser.ts';
import { attributeOf, isElement, textOf, type XmlElement } from '../../xml/tree.ts';

export interface Section {
  /** virNetworkUpdateSection. */
  readonly number: number;
  /** The name of an entry; undefined if libvirt cannot update it. */
  readonly element?: string;
  /** The elements that contain it. */
  readonly inside?: readonly string[];
}

/** By virsh's names. */
export const sections = {
  bridge: { number: 1 },
  domain: { number: 2 },
  ip: { number: 3 },
  'ip-dhcp-host': { number: 4, element: 'host', inside: ['dhcp'] },
  'ip-dhcp-range': { number: 5, element: 'range', inside: ['dhcp'] },
  forward: { number: 6 },
  'forward-interface': { number: 7, element: 'interface', inside: ['forward'] },
  'forward-pf': { number: 8 },
  portgroup: { number: 9, element: 'portgroup', inside: [] },
  'dns-host': { number: 10, element: 'host', inside: ['dns'] },
  'dns-txt': { number: 11, element: 'txt', inside: ['dns'] },
  'dns-srv': { number: 12, element: 'srv', inside: ['dns'] },
} as const satisfies Record<string, Section>;

export type SectionName = keyof typeof sections;

/** The entries of a section in a network's XML; of DHCP the entries of one `<ip>`. */
export function entriesOf(xml: string, name: SectionName, parentIndex: number): readonly XmlElement[] {
  const { element, inside = [] }: Section = sections[name];
  if (element === undefined) return [];
  const { root } = parseXml(xml, 'network');
  const start = inDhcp(name) ? [ipAt(root, parentIndex)].filter((ip) => ip !== undefined) : [root];
  const parents = inside.reduce<readonly XmlElement[]>(
    (from, step) => from.flatMap((each) => named(each, step)),
    start,
  );
  return parents.flatMap((parent) => named(parent, element));
}

/**
 * The index that libvirt needs to find the `<ip>` of an address: it counts both families, and takes the first with DHCP when it is
 * given none. -1 where that is right.
 */
export function parentIndexFor({ xml }: NetworkState, name: SectionName, wanted: XmlElement): number {
  const address = attributeOf(wanted, 'ip') ?? attributeOf(wanted, 'start');
  if (!inDhcp(name) || address === undefined) return -1;
  const { root } = parseXml(xml, 'network');
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const taken = ipAt(root, -1);
  if (taken === undefined || familyOf(taken) === family) return -1;
  const ips = named(root, 'ip');
  const fitting = ips.filter((ip) => familyOf(ip) === family);
  const chosen = fitting.find(hasDhcp) ?? fitting[0];
  return chosen === undefined ? -1 : ips.indexOf(chosen);
}

/** Which entries libvirt deletes when it is given `wanted`. */
export function matchesForDelete(name: SectionName, wanted: XmlElement, entry: XmlElement): boolean {
  if (name === 'ip-dhcp-host') {
    // An entry without a MAC matches any.
    return agree(wanted, entry, ['mac'], true) && agree(wanted, entry, ['ip', 'name'], false);
  }
  if (name === 'dns-host') {
    const names = hostnames(wanted);
    const sameAddress = attributeOf(wanted, 'ip') !== undefined && agree(wanted, entry, ['ip'], false);
    return sameAddress || hostnames(entry).some((each) => names.includes(each));
  }
  return agree(wanted, entry, keys[name], false);
}

/** Which entry libvirt overwrites when it is given `wanted`: the first of these. */
export function matchesForModify(name: SectionName, wanted: XmlElement, entry: XmlElement): boolean {
  if (name !== 'ip-dhcp-host') return matchesForDelete(name, wanted, entry);
  return ['mac', 'ip', 'name'].some(
    (key) => attributeOf(wanted, key) !== undefined && agree(wanted, entry, [key], false),
  );
}

const keys: Readonly<Record<Exclude<SectionName, 'ip-dhcp-host' | 'dns-host'>, readonly string[]>> = {
  bridge: [],
  domain: [],
  ip: [],
  'ip-dhcp-range': ['start', 'end'],
  forward: [],
  'forward-interface': ['dev'],
  'forward-pf': [],
  portgroup: ['name'],
  'dns-txt': ['name'],
  'dns-srv': ['domain', 'service', 'protocol', 'target', 'port', 'priority', 'weight'],
};

/** Every attribute that `wanted` has is the same in `entry`; with `lenient` it may lack there. */
function agree(wanted: XmlElement, entry: XmlElement, attributes: readonly string[], lenient: boolean): boolean {
  return attributes.every((name) => {
    const [left, right] = [attributeOf(wanted, name)?.toLowerCase(), attributeOf(entry, name)?.toLowerCase()];
    return left === undefined || left === right || (lenient && right === undefined);
  });
}

function hostnames(host: XmlElement): readonly string[] {
  return named(host, 'hostname').map((each) => textOf(each).trim());
}

function ipAt(root: XmlElement, index: number): XmlElement | undefined {
  const ips = named(root, 'ip');
  return index >= 0 ? ips[index] : (ips.find(hasDhcp) ?? ips[0]);
}

function hasDhcp(ip: XmlElement): boolean {
  return named(ip, 'dhcp').some((dhcp) => named(dhcp, 'range').length > 0 || named(dhcp, 'host').length > 0);
}

function familyOf(ip: XmlElement): 'ipv4' | 'ipv6' {
  return attributeOf(ip, 'family') === 'ipv6' || (attributeOf(ip, 'address')?.includes(':') ?? false) ? 'ipv6' : 'ipv4';
}

function inDhcp(name: SectionName): boolean {
  return name === 'ip-dhcp-host' || name === 'ip-dhcp-range';
}

function named(from: XmlElement, name: string): readonly XmlElement[] {
  return from.children.filter(isElement).filter((child) => child.name === name);
}
