/**
 * The sections of a network that virNetworkUpdate changes without a restart, and how to get from one definition to another by them.
 * Source: libvirt's virNetworkDefUpdateSection; https://libvirt.org/html/libvirt-libvirt-network.html
 */
import { sameNetwork } from '../../xml/meaning.ts';
import { network as table, type Network, type NetworkInput } from '../../xml/network.ts';
import { parseXml } from '../../xml/parser.ts';
import { readDocument } from '../../xml/read.ts';
import { serialize } from '../../xml/serialize.ts';
import { document, type Document } from '../../xml/table.ts';
import { writeDocument } from '../../xml/write.ts';
import { arrangeLike, restOf } from './normalize.ts';

/** virNetworkUpdateCommand. `modify` is not used: for a DHCP host it takes the first entry that has the MAC, the address or the name. */
export const updateCommand = { delete: 2, addLast: 3 } as const;

/** virNetworkUpdateFlags. */
export const updateFlags = { live: 1, config: 2 } as const;

type Ip = Network['ips'][number];
type Dns = NonNullable<Network['dns']>;

/** A section: its number in virNetworkUpdateSection, its element, and the entries of a definition, of one `<ip>` where it has an index. */
interface Section {
  readonly number: number;
  /** The description of an entry. */
  readonly word: string;
  readonly document: Document;
  /** True for those inside an `<ip>`. */
  readonly inIp: boolean;
  /** The values that two entries of one definition cannot share. */
  readonly key: (entry: never) => string | undefined;
  /** The attributes by which libvirt finds an entry to delete. */
  readonly pattern?: (entry: never) => object;
  readonly of: (network: NetworkInput, ip: number) => readonly object[];
  readonly with: (entries: readonly never[], ip: number) => NetworkInput;
}

const { ips, dns, portgroups, forward } = table.fields;
const dhcp = ips.fields.dhcp.fields;

type Host = NonNullable<Ip['dhcp']>['hosts'][number];
type Range = NonNullable<Ip['dhcp']>['ranges'][number];

const inIps = (ip: number, at: NonNullable<NetworkInput['ips']>[number]['dhcp']): NetworkInput => ({
  name: '',
  ips: [...Array.from({ length: ip }, () => ({})), { dhcp: at }],
});

/** In the order in which changes are made: names of the DNS before what may restart dnsmasq. */
const sections = {
  host: {
    number: 4,
    word: 'reservation',
    inIp: true,
    document: document('host', dhcp.hosts.fields),
    key: ({ ip }: Host) => ip,
    of: ({ ips = [] }, ip) => ips[ip]?.dhcp?.hosts ?? [],
    with: (hosts: readonly Host[], ip) => inIps(ip, { hosts }),
  },
  range: {
    number: 5,
    word: 'DHCP range',
    inIp: true,
    document: document('range', dhcp.ranges.fields),
    key: ({ start, end }: Range) => `${start} ${end}`,
    of: ({ ips = [] }, ip) => ips[ip]?.dhcp?.ranges ?? [],
    with: (ranges: readonly Range[], ip) => inIps(ip, { ranges }),
  },
  dnsHost: {
    number: 10,
    word: 'DNS entry',
    inIp: false,
    document: document('host', dns.fields.hosts.fields),
    key: ({ ip }: Dns['hosts'][number]) => ip,
    // By any of its names libvirt would take another entry for it that has that name too.
    pattern: ({ ip }: Dns['hosts'][number]) => ({ ip, hostnames: [] }),
    of: ({ dns }) => dns?.hosts ?? [],
    with: (hosts: Dns['hosts']) => ({ name: '', dns: { hosts } }),
  },
  txt: {
    number: 11,
    word: 'DNS TXT record',
    inIp: false,
    document: document('txt', dns.fields.txts.fields),
    key: ({ name }: Dns['txts'][number]) => name,
    of: ({ dns }) => dns?.txts ?? [],
    with: (txts: Dns['txts']) => ({ name: '', dns: { txts } }),
  },
  srv: {
    number: 12,
    word: 'DNS SRV record',
    inIp: false,
    document: document('srv', dns.fields.srvs.fields),
    key: ({ service, protocol, domain, target, port }: Dns['srvs'][number]) =>
      [service, protocol, domain, target, port].join(' '),
    of: ({ dns }) => dns?.srvs ?? [],
    with: (srvs: Dns['srvs']) => ({ name: '', dns: { srvs } }),
  },
  portgroup: {
    number: 9,
    word: 'portgroup',
    inIp: false,
    document: document('portgroup', portgroups.fields),
    key: ({ name }: Network['portgroups'][number]) => name,
    pattern: ({ name }: Network['portgroups'][number]) => ({ name }),
    of: ({ portgroups = [] }) => portgroups,
    with: (portgroups: Network['portgroups']) => ({ name: '', portgroups }),
  },
  interface: {
    number: 7,
    word: 'NIC of the host',
    inIp: false,
    document: document('interface', forward.fields.interfaces.fields),
    key: ({ dev }: { readonly dev?: string }) => dev,
    pattern: ({ dev }: { readonly dev?: string }) => ({ dev }),
    // `<forward dev>` is the first of the list, or all of it.
    of: ({ forward }) => {
      const interfaces = forward?.interfaces ?? [];
      return interfaces.length > 0 || forward?.dev === undefined ? interfaces : [{ dev: forward.dev }];
    },
    with: (interfaces: readonly { readonly dev?: string }[]) => ({ name: '', forward: { interfaces } }),
  },
} satisfies Record<string, Section>;

export type SectionName = keyof typeof sections;

/** One entry to add or to delete, as virNetworkUpdate takes it. */
export interface SectionChange {
  readonly name: SectionName;
  readonly section: number;
  /** Counts all `<ip>` elements, of both families; -1 for what is in none. */
  readonly parentIndex: number;
  readonly add: boolean;
  /** The whole entry: what is added, or what brings it back. */
  readonly entry: string;
  /** The attributes by which libvirt finds it. */
  readonly pattern: string;
  /** `reservation 52:54:00:… 192.168.132.10`. */
  readonly words: string;
}

/**
 * The entries to delete and to add that lead from one definition to another; undefined where sections alone do not lead there.
 * Deletions come first: libvirt refuses a second entry with the same address or name.
 */
export function sectionChanges(from: Network, to: Network): readonly SectionChange[] | undefined {
  const wanted = arrangeLike(from, to);
  if (!sameNetwork(restOf(from), restOf(wanted)) || !canUpdate(from, to)) return undefined;
  return entryChanges(from, to);
}

/** The entries in which two definitions differ, whatever else differs. */
export function entryChanges(from: Network, to: Network): readonly SectionChange[] {
  const places = (Object.keys(sections) as SectionName[]).flatMap((name) =>
    sections[name].inIp ? from.ips.map((_, index) => ({ name, index })) : [{ name, index: -1 }],
  );
  const changes = places.flatMap((place) => changesIn(place, from, to));
  return [...changes.filter(({ add }) => !add), ...changes.filter(({ add }) => add)];
}

interface Place {
  readonly name: SectionName;
  readonly index: number;
}

function changesIn({ name, index }: Place, from: Network, to: Network): readonly SectionChange[] {
  const section: Section = sections[name];
  const [before, after] = [section.of(from, index), section.of(to, index)];
  const isIn = (entry: object, list: readonly object[]): boolean =>
    list.some((other) => sameEntry(section, entry, other, index));
  const change = (entry: object, add: boolean): SectionChange => {
    return {
      name,
      section: section.number,
      parentIndex: index,
      add,
      entry: write(section, entry),
      pattern: write(section, section.pattern?.(entry as never) ?? entry),
      words: `${section.word} ${describe(name, entry)}`,
    };
  };
  return [
    ...before.filter((entry) => !isIn(entry, after)).map((entry) => change(entry, false)),
    ...after.filter((entry) => !isIn(entry, before)).map((entry) => change(entry, true)),
  ];
}

function sameEntry(section: Section, left: object, right: object, index: number): boolean {
  const at = Math.max(index, 0);
  return sameNetwork(section.with([left] as never, at), section.with([right] as never, at));
}

/** True where a definition has that very entry, given as XML. */
export function hasEntry(network: Network, number: number, parentIndex: number, entry: string): boolean {
  const section: Section | undefined = Object.values(sections).find((each) => each.number === number);
  if (section === undefined) return false;
  const wanted = readDocument(section.document, parseXml(entry, section.document.root));
  return section.of(network, parentIndex).some((each) => sameEntry(section, each, wanted, parentIndex));
}

/** Whether libvirt carries the changes out live without harm to others: see the rows of each section in its source. */
function canUpdate(from: Network, to: Network): boolean {
  const doubled = (Object.keys(sections) as SectionName[]).some((name) => {
    const section: Section = sections[name];
    const lists = section.inIp ? from.ips.map((_, index) => section.of(from, index)) : [section.of(from, -1)];
    return lists.some((list) => {
      const keys = list.map((entry) => section.key(entry as never));
      return keys.includes(undefined) || new Set(keys).size < keys.length;
    });
  });
  // DHCPv6 is enabled in dnsmasq's configuration, which libvirt only rewrites when DHCPv4 is switched on or off, or a range changes.
  const servesHosts = ({ dhcp }: Ip): boolean => (dhcp?.hosts.length ?? 0) > 0;
  const dhcp6 = from.ips.some((ip, index) => {
    const after = to.ips[index];
    const hasRange = (ip.dhcp?.ranges.length ?? 0) > 0 || (after?.dhcp?.ranges.length ?? 0) > 0;
    return ip.family === 'ipv6' && !hasRange && after !== undefined && servesHosts(ip) !== servesHosts(after);
  });
  return !doubled && !dhcp6;
}

function write({ document }: Section, entry: object): string {
  return serialize(writeDocument(document, entry)).trim();
}

function describe(name: SectionName, entry: object): string {
  const values = (...keys: readonly string[]): string =>
    keys
      .map((key) => Object.entries(entry).find(([each]) => each === key)?.[1] as unknown)
      .filter((value) => typeof value === 'string')
      .join(' ');
  switch (name) {
    case 'host':
      return values('mac', 'id', 'ip', 'name');
    case 'range':
      return values('start', 'end').replace(' ', ' - ');
    case 'dnsHost':
      return `${values('ip')} ${'hostnames' in entry && Array.isArray(entry.hostnames) ? entry.hostnames.join(' ') : ''}`;
    case 'srv':
      return values('service', 'protocol', 'domain', 'target');
    case 'interface':
      return values('dev');
    case 'txt':
    case 'portgroup':
      return values('name');
  }
}
