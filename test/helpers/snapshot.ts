/**
 * All that a test could leave behind on a host, as lines of text: links, addresses, routes, rules, the networks and
 * domains of libvirt, and the programs that serve them. Two snapshots of one host are equal when nothing was left.
 *
 * Two things are libvirt's own and stay for good after its first network: the chains LIBVIRT_* with the jumps into
 * them, and net.ipv4.ip_forward. They are left out; a rule within such a chain is not.
 */
import { readFile, readdir } from 'node:fs/promises';
import { must, virshEach } from './host.ts';
import { waitFor, type WaitOptions } from './wait.ts';

export type Snapshot = readonly string[];

interface IpLink {
  readonly ifname: string;
  readonly address?: string;
  readonly mtu: number;
  readonly master?: string;
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly linkinfo?: { readonly info_kind?: string };
  /** The device below, or the other end of a cable; on another host only the number of its namespace. */
  readonly link?: string;
  readonly link_netnsid?: number;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly tentative?: boolean }[];
}

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly table?: string;
}

async function links(): Promise<string[]> {
  const seen = JSON.parse(await must('ip', ['-j', '-d', 'address'])) as IpLink[];
  return seen.flatMap(({ ifname, address, mtu, master, flags, linkinfo, addr_info }) => [
    `link ${ifname} ${linkinfo?.info_kind ?? ''} ${address ?? ''} mtu ${mtu} ${flags.includes('UP') ? 'up' : 'down'}` +
      (master === undefined ? '' : ` master ${master}`),
    ...addr_info.map(({ local, prefixlen }) => `address ${ifname} ${local}/${prefixlen}`),
  ]);
}

/**
 * Without the routes that the kernel adds to the local table some time after a link-local address, which
 * links() has.
 */
async function routes(): Promise<string[]> {
  const tables = await Promise.all(
    ['-4', '-6'].map((family) => must('ip', [family, '-j', 'route', 'show', 'table', 'all'])),
  );
  return tables
    .flatMap((text) => JSON.parse(text) as IpRoute[])
    .filter(({ dst, table }) => !(table === 'local' && /^(fe80|ff00):/.test(dst)))
    .map(
      ({ dst, gateway, dev, table }) => `route ${dst} via ${gateway ?? '-'} dev ${dev ?? '-'} table ${table ?? 'main'}`,
    );
}

/** The rules of iptables, with neither counters nor what libvirt keeps for good. */
async function iptables(): Promise<string[]> {
  const programs = ['iptables-save', 'ip6tables-save'];
  const texts = await Promise.all(programs.map(async (program) => [program, await must(program, [])] as const));
  return texts.flatMap(([program, text]) => {
    let table = '';
    return text.split('\n').flatMap((line) => {
      if (line.startsWith('*')) table = line.slice(1);
      const policy = /^:(\S+) (DROP|REJECT)/.exec(line);
      if (policy) return [`${program} ${table} policy ${policy[1] ?? ''} ${policy[2] ?? ''}`];
      return line.startsWith('-A') && !/ -j LIBVIRT_\w+$/.test(line) ? [`${program} ${table} ${line}`] : [];
    });
  });
}

interface NftObject {
  readonly family: string;
  readonly name?: string;
  readonly table?: string;
  readonly chain?: string;
  readonly policy?: string;
  readonly expr?: readonly Readonly<Record<string, unknown>>[];
}

/** nft shows the tables of iptables and ebtables too; iptables-save prints the rules of iptables. */
const ofIptables = ({ family, name, table }: NftObject): boolean =>
  (family === 'ip' || family === 'ip6') && ['filter', 'nat', 'mangle', 'raw', 'security'].includes(table ?? name ?? '');

async function nftables(): Promise<string[]> {
  const { nftables: entries } = JSON.parse(await must('nft', ['-j', 'list', 'ruleset'])) as {
    nftables: Readonly<Record<string, NftObject>>[];
  };
  return entries.flatMap((entry) =>
    Object.entries(entry).flatMap(([kind, object]) => {
      if (kind === 'metainfo' || ofIptables(object)) return [];
      // ebtables leaves its empty tables and base chains behind.
      if (object.family === 'bridge' && kind !== 'rule' && object.policy !== 'drop') return [];
      const where = `nft ${kind} ${object.family} ${object.table ?? ''} ${object.chain ?? ''} ${object.name ?? ''}`;
      const expr = object.expr?.filter((part) => !('counter' in part));
      return [`${where} ${object.policy ?? ''} ${expr ? JSON.stringify(expr) : ''}`];
    }),
  );
}

/** The definitions of networks and domains, whether each is active, and its autostart. */
async function definitions(): Promise<string[]> {
  const kinds = [
    { kind: 'network', list: 'net-list', info: 'net-info', dump: 'net-dumpxml' },
    { kind: 'domain', list: 'list', info: 'dominfo', dump: 'dumpxml' },
  ];
  const lists = await virshEach(kinds.map(({ list }) => `${list} --all --uuid`));
  const objects = kinds.flatMap((each, index) =>
    (lists[index] ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((uuid) => ({ ...each, uuid })),
  );
  const infos = await virshEach(objects.map(({ info, uuid }) => `${info} ${uuid}`));
  const isPersistent = (info = ''): boolean => /^Persistent:\s+yes$/m.test(info);
  const dumps = await virshEach(
    // A transient one has no other definition than its live one.
    objects.map(({ dump, uuid }, index) => `${dump} ${uuid}${isPersistent(infos[index]) ? ' --inactive' : ''}`),
  );
  return objects.flatMap(({ kind, uuid }, index) => {
    const info = infos[index] ?? '';
    const name = /^Name:\s+(.*)$/m.exec(info)?.[1] ?? uuid;
    const facts = info.split('\n').filter((line) => /^(Active|State|Persistent|Autostart):/.test(line));
    return [...facts.map((line) => line.replace(/\s+/g, ' ')), ...(dumps[index] ?? '').split('\n')].map(
      (line) => `${kind} ${name} ${line}`,
    );
  });
}

/** dnsmasq, radvd and virtual machines: what libvirt starts and could lose sight of. */
async function programs(): Promise<string[]> {
  const found = await Promise.all(
    (await readdir('/proc'))
      .filter((entry) => /^\d+$/.test(entry))
      // A process may end while it is looked at.
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return found
    .map((line) => line.replaceAll('\0', ' ').trim())
    .filter((line) => /^\S*(dnsmasq|radvd|qemu-system-\w+|libvirt_lxc)( |$)/.test(line))
    .map((line) => `program ${line}`);
}

/** The current state of the host, sorted. Needs a libvirtd that answers. */
export async function snapshot(): Promise<Snapshot> {
  const parts = [links(), routes(), iptables(), nftables(), definitions(), programs()];
  return (await Promise.all(parts)).flat().sort();
}

/**
 * Waits until each link that is up has its carrier, which the kernel reports up to a second later, and until the IPv6 addresses that it gives
 * links then are no longer tentative.
 */
export async function settledLinks(): Promise<void> {
  await waitFor('the links to settle', async () => {
    const links = JSON.parse(await must('ip', ['-j', '-d', 'address', 'show'])) as IpLink[];
    return links.every((link) => link.operstate === 'UP' || !mayCarry(link, links)) && !links.some(hasTentative);
  });
}

/** True for the end of a cable whose other end is up or on another host, a bridge with a port that has its carrier, and a device on such a link. */
function mayCarry({ ifname, flags, linkinfo, link, link_netnsid }: IpLink, links: readonly IpLink[]): boolean {
  const kind = linkinfo?.info_kind;
  if (!flags.includes('UP')) return false;
  if (kind === 'bridge') return links.some(({ master, operstate }) => master === ifname && operstate === 'UP');
  const lower = links.find((each) => each.ifname === link);
  if (kind === 'veth') return lower?.flags.includes('UP') ?? link_netnsid !== undefined;
  return ['vlan', 'macvlan'].includes(kind ?? '') && lower?.operstate === 'UP';
}

function hasTentative({ addr_info }: IpLink): boolean {
  return addr_info.some(({ tentative }) => tentative === true);
}

/** Differences between two snapshots, as lines that begin with + or -; empty if they are equal. */
export function difference(before: Snapshot, after: Snapshot): string {
  const rest = [...after];
  const gone = before.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return [...gone.map((line) => `- ${line}`), ...rest.map((line) => `+ ${line}`)].join('\n');
}

/**
 * Fails unless the host is as it was. The kernel takes a moment to drop a tap, and dnsmasq to end: it looks again
 * until the time is over.
 * @throws Error with the lines that are new (+) or gone (-)
 */
export async function expectUnchanged(before: Snapshot, { seconds = 60 }: WaitOptions = {}): Promise<void> {
  let left = '';
  const unchanged = async (): Promise<boolean> => {
    left = difference(before, await snapshot());
    return left === '';
  };
  await waitFor('the host to be as before', unchanged, { seconds }).catch((error: unknown) => {
    throw new Error(`the host is not as it was before:\n${left}`, { cause: error });
  });
}
