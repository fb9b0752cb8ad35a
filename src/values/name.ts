import { invalid, invalidWithHint, partOf, type Origin } from './invalid.ts';
import { parseVlan } from './number.ts';

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Whether libvirt would read the text as a UUID (virUUIDParse: the dashes may be missing). */
export function isUuidShaped(value: string): boolean {
  return uuid.test(value);
}

/**
 * The name of a new network, unchanged. libvirt takes nearly anything; this is narrower because a name becomes a file name, an
 * argument of virsh and a word in tables: letters, digits, `.`, `_`, `-`, at most 64, starting with a letter or digit.
 * A name in the form of a UUID is refused: tools look up by UUID too, and would act on another network.
 */
export function parseNetworkName(value: string, origin: Origin = 'NAME'): string {
  return parseWord(value, origin, 'a network name', 'keennet');
}

/** The name of a portgroup, by the rules of network names. */
export function parsePortgroupName(value: string, origin: Origin): string {
  return parseWord(value, origin, 'a portgroup name', 'engineering');
}

/** A portgroup to add to a network; `vlan` is the tag of its guests. */
export interface PortgroupTag {
  readonly name: string;
  readonly vlan?: number | undefined;
}

/** `NAME` or `NAME:vlan=ID`. */
export function parsePortgroup(value: string, origin: Origin): PortgroupTag {
  const [name = '', setting, ...more] = value.split(':');
  const [key, id, ...rest] = setting?.split('=') ?? [];
  if (more.length + rest.length > 0 || (setting !== undefined && (key !== 'vlan' || id === undefined))) {
    throw invalid(origin, value, 'a portgroup is NAME or NAME:vlan=ID', 'engineering:vlan=10');
  }
  const vlan = id === undefined ? undefined : parseVlan(id, partOf(origin, value, 'vlan'));
  return { name: parsePortgroupName(name, setting === undefined ? origin : partOf(origin, value, 'name')), vlan };
}

/** The model of a NIC, or the name of a network filter. */
export function parseSimpleName(value: string, origin: Origin, example: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return value;
  throw invalid(origin, value, 'it has only ASCII letters, digits, ".", "_" and "-"', example);
}

/** The alias of a NIC: libvirt keeps aliases that begin with `ua-`. */
export function parseAlias(value: string, origin: Origin): string {
  if (/^ua-[A-Za-z0-9_-]{1,61}$/.test(value)) return value;
  const reason = 'aliases of users begin with ua-, and have only ASCII letters, digits, _ and -';
  throw invalid(origin, value, reason, 'ua-lan');
}

/** The name of a template: a lower-case network name, since it becomes a file name. No path. */
export function parseTemplateName(value: string, origin: Origin = '--template'): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(value)) return value;
  throw invalidWithHint(
    origin,
    value,
    'a template name has 1 to 64 lower-case ASCII letters, digits, ".", "_" and "-"',
    `a name is ${origin} keennet, a file is ${origin} ./keennet.xml`,
  );
}

/** A firewalld zone; 17 characters is firewalld's own limit (`man firewalld.zone`). */
export function parseZone(value: string, origin: Origin): string {
  if (/^[A-Za-z0-9_-]{1,17}$/.test(value)) return value;
  throw invalid(origin, value, 'a firewalld zone has 1 to 17 ASCII letters, digits, "_" and "-"', 'libvirt');
}

/** A title for people: one line, at most 200 characters, nothing a terminal obeys. */
export function parseTitle(value: string, origin: Origin): string {
  const example = "'Test network of team A'";
  if (value.trim() === '') throw invalid(origin, value, 'it is empty', example);
  if (/\p{C}|\u2028|\u2029/u.test(value))
    throw invalid(origin, value, 'it holds a line break or an invisible character', example);
  if (Array.from(value).length > 200) throw invalid(origin, value, 'a title has at most 200 characters', example);
  return value;
}

/**
 * The name of a network device that exists, or should: what the kernel takes (dev_valid_name: at most 15 bytes, not `.` or
 * `..`, no `/`, `:` or space), narrowed to what libvirt's schema, iptables and the command line of `ip` take unharmed.
 */
export function parseDeviceName(value: string, origin: Origin, what = 'an interface name'): string {
  const example = what.includes('bridge') ? 'br0' : 'eth0';
  if (value === '') throw invalid(origin, value, `${what} is missing`, example);
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > 15) throw invalid(origin, value, `${what} has at most 15 characters, this has ${bytes}`, example);
  if (value.startsWith('-')) throw invalid(origin, value, `${what} that starts with "-" reads as an option`, example);
  if (value.includes('%')) throw invalid(origin, value, `the kernel replaces "%" in ${what} with a number`, example);
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(value)) return value;
  throw invalid(
    origin,
    value,
    `${what} has only ASCII letters, digits, "_", "." and "-", and does not start with "."`,
    example,
  );
}

/** `eth0` or `eth0,eth1`: names of devices, each once. */
export function parseDeviceNames(value: string, origin: Origin): readonly string[] {
  const names = value
    .split(',')
    .map((name) => parseDeviceName(name, value === name ? origin : partOf(origin, value, 'NIC')));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(origin, value, `duplicate ${twice}`, [...new Set(names)].join(','));
  return names;
}

/**
 * Parses the name of a bridge to create. Refuses, in addition to names that no device may have: directories of
 * /proc/sys/net/ipv4/conf (`all`, `default`), a file of /sys/class/net (`bonding_masters`), `lo`, the words of `ip link` that it
 * would read as an argument's name, and the names that libvirt gives to guests' taps.
 */
export function parseBridgeName(value: string, origin: Origin): string {
  return parseNewDeviceName(value, origin, 'a bridge name', 'keenbr0');
}

/** The same for a device of another kind. */
export function parseNewDeviceName(value: string, origin: Origin, what: string, example: string): string {
  const name = parseDeviceName(value, origin, what);
  if (reserved.has(name))
    throw invalid(origin, name, 'the kernel or the ip command means something else by it', example);
  if (/^(vnet|macvtap|macvlan|veth|vif)\d+$/.test(name)) {
    throw invalid(origin, name, "libvirt gives such names to guests' own devices", example);
  }
  return name;
}

const reserved = new Set([
  ...['all', 'default', 'bonding_masters', 'lo'],
  ...['up', 'down', 'mtu', 'type', 'dev', 'name', 'address', 'link', 'master', 'nomaster', 'vlan', 'arp', 'group'],
  ...['index', 'netns', 'alias', 'via', 'any', 'help', 'promisc', 'multicast', 'txqueuelen', 'to', 'from', 'src'],
]);

function parseWord(value: string, origin: Origin, what: string, example: string): string {
  if (value === '') throw invalid(origin, value, `${what} is missing`, example);
  const { length } = Array.from(value);
  if (length > 64) throw invalid(origin, value, `${what} has at most 64 characters, this has ${length}`, example);
  if (isUuidShaped(value)) {
    throw invalid(origin, value, `${what} in the form of a UUID would be taken for a UUID`, example);
  }
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value)) return value;
  throw invalid(
    origin,
    value,
    `${what} has only ASCII letters, digits, ".", "_" and "-", and starts with a letter or digit`,
    example,
  );
}
