/**
 * The values that NetworkManager accepts in a profile, as a table: it drops a line with any other value, or refuses the profile. Keys that
 * are not here are not judged. Sources: nm-settings-keyfile(5); nm-keyfile.c and the settings of NetworkManager 1.42.
 */
import { isIPv4 } from 'node:net';
import { integer, isIp, isMac, oneOf, rulesOf, type Takes, type ValueRow } from '../value-rules.ts';

/** GKeyFile has no other words for yes and no. */
const isTrueOrFalse = oneOf('true', 'false', '1', '0');

const isUuid: Takes = (value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$|^[\da-f]{40}$/i.test(value);

/** A name of a link, as the kernel takes it. */
const isLinkName: Takes = (value) =>
  value !== '' && value.length <= 15 && !/[\s/:]/.test(value) && !['.', '..'].includes(value);

const ofFamily = (
  key: string,
  takes: (family: 'ipv4' | 'ipv6') => Takes,
  row: Omit<ValueRow, 'keys' | 'takes'>,
): readonly ValueRow[] =>
  (['ipv4', 'ipv6'] as const).map((family) => ({ ...row, takes: takes(family), keys: `${family}.${key}` }));

export const isAddressOf =
  (family: string): Takes =>
  (value) =>
    isIp(value) && isIPv4(value) === (family === 'ipv4');

/** `192.168.1.1`, with the name of a server behind it; since 1.52 a URI such as `dns+tls://192.168.1.1` too. */
const isServer =
  (family: 'ipv4' | 'ipv6'): Takes =>
  (value) =>
    value === '' ||
    /^dns\+\w+:\/\/./.test(value) ||
    isAddressOf(family)(value.replace(/#.+$/, '').replace(/^(.*:.*)%\S+$/, '$1'));

const areServers =
  (family: 'ipv4' | 'ipv6'): Takes =>
  (value) =>
    value.split(/[;,]/).every((server) => isServer(family)(server.trim()));

/** In old profiles a MAC address is six numbers. */
const isMacOfProfile: Takes = (value) => isMac(value) || /^(\d{1,3};){5}\d{1,3};?$/.test(value);

/** The types of profiles. */
export const profileTypes =
  `802-3-ethernet ethernet 802-11-wireless wifi 802-11-olpc-mesh 6lowpan adsl bluetooth bond bridge cdma dummy generic gsm hsr infiniband ip-tunnel
  ipvlan loopback macsec macvlan olpc-mesh ovs-bridge ovs-interface ovs-port pppoe team tun veth vlan vpn vrf vxlan wifi-p2p wimax wireguard wpan`
    .trim()
    .split(/\s+/);

/** Kinds of masters, with the section that a port of theirs has. */
export const portSections: ReadonlyMap<string, string | undefined> = new Map([
  ['bridge', 'bridge-port'],
  ['bond', 'bond-port'],
  ['team', 'team-port'],
  ['ovs-bridge', 'ovs-port'],
  ['ovs-port', 'ovs-interface'],
  ['vlan', undefined],
  ['vrf', undefined],
]);

export const methods: Readonly<Record<string, readonly string[]>> = {
  ipv4: ['auto', 'manual', 'link-local', 'shared', 'disabled'],
  ipv6: ['auto', 'dhcp', 'manual', 'link-local', 'shared', 'ignore', 'disabled'],
};

const bondModes = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'];
const most32 = 0xffffffff;
const mostInt = 0x7fffffff;

/** The options of bonds have decimal numbers. */
const decimal =
  (most: number): Takes =>
  (value) =>
    /^\d+$/.test(value) && Number(value) <= most;

const rows: readonly ValueRow[] = [
  {
    wants: 'true or false',
    takes: isTrueOrFalse,
    keys: `connection.autoconnect ethernet.auto-negotiate bridge.stp bridge.vlan-filtering bridge.multicast-snooping bridge.multicast-querier
      bridge-port.hairpin-mode ipv4.may-fail ipv6.may-fail ipv4.never-default ipv6.never-default ipv4.ignore-auto-dns ipv6.ignore-auto-dns
      ipv4.ignore-auto-routes ipv6.ignore-auto-routes ipv4.dhcp-send-hostname ipv6.dhcp-send-hostname`,
  },
  { wants: 'a number from -999 to 999', takes: integer(-999, 999), keys: 'connection.autoconnect-priority' },
  { wants: 'a number of bytes', takes: integer(0, most32), keys: 'ethernet.mtu ipv6.mtu' },
  { wants: 'a name', takes: (value) => value !== '', keys: 'connection.id' },
  { wants: 'a UUID', takes: isUuid, keys: 'connection.uuid' },
  {
    wants: 'a type such as ethernet, bridge, bond or vlan',
    takes: (value) => profileTypes.includes(value),
    keys: 'connection.type',
  },
  {
    wants: 'bridge, bond or the like',
    takes: (value) => portSections.has(value),
    keys: 'connection.slave-type connection.port-type',
  },
  { code: 'bad-name', wants: 'the name of a link', takes: isLinkName, keys: 'connection.interface-name' },
  {
    code: 'bad-name',
    wants: 'the name of a link, or a UUID',
    takes: (value) => isLinkName(value) || isUuid(value),
    keys: 'vlan.parent',
  },
  { code: 'bad-mac', wants: 'a MAC address', takes: isMacOfProfile, keys: 'ethernet.mac-address bridge.mac-address' },
  {
    code: 'bad-mac',
    wants: 'a MAC address, preserve, permanent, random or stable',
    takes: (value) => isMacOfProfile(value) || oneOf('preserve', 'permanent', 'random', 'stable', 'stable-ssid')(value),
    keys: 'ethernet.cloned-mac-address',
  },
  { wants: 'a number from 0 to 65535', takes: integer(0, 65535), keys: 'bridge.priority bridge-port.path-cost' },
  { wants: 'a number of seconds', takes: integer(0, 30), keys: 'bridge.forward-delay' },
  { wants: 'a number of seconds', takes: integer(0, 1_000_000), keys: 'bridge.ageing-time' },
  { wants: 'a number from 0 to 63', takes: integer(0, 63), keys: 'bridge-port.priority' },
  {
    code: 'bad-vlan-id',
    wants: 'a VLAN ID (1 to 4094)',
    takes: integer(0, 4094),
    keys: 'vlan.id bridge.vlan-default-pvid',
  },
  { wants: 'a number from 0 to 15', takes: integer(0, 15), keys: 'vlan.flags' },
  { wants: '802.1Q or 802.1ad', takes: oneOf('802.1Q', '802.1ad'), keys: 'vlan.protocol bridge.vlan-protocol' },
  { wants: 'a metric, or -1', takes: integer(-1, most32), keys: 'ipv4.route-metric ipv6.route-metric' },
  { wants: 'a number', takes: integer(0, most32), keys: 'ipv4.route-table ipv6.route-table' },
  { wants: 'a number', takes: integer(-mostInt - 1, mostInt), keys: 'ipv4.dns-priority ipv6.dns-priority' },
  { wants: 'a number of seconds', takes: integer(0, mostInt), keys: 'ipv4.dhcp-timeout ipv6.dhcp-timeout' },
  {
    wants: 'eui64 or stable-privacy',
    takes: oneOf('eui64', 'stable-privacy', 'default', 'default-or-eui64', '0', '1', '2', '3'),
    keys: 'ipv6.addr-gen-mode',
  },
  ...ofFamily('method', (family) => (value) => methods[family]?.includes(value) === true, {
    wants: 'a method such as auto or manual',
  }),
  ...ofFamily('gateway', isAddressOf, { code: 'bad-address', wants: 'an address of the family' }),
  ...ofFamily('dns', areServers, { code: 'bad-address', wants: 'addresses of the family' }),
  { wants: 'a mode of bonds', takes: (value) => bondModes.includes(value) || decimal(6)(value), keys: 'bond.mode' },
  {
    wants: 'a number',
    takes: decimal(mostInt),
    keys: 'bond.miimon bond.updelay bond.downdelay bond.min_links bond.arp_interval',
  },
  { code: 'bad-name', wants: 'the name of a link', takes: isLinkName, keys: 'bond.primary' },
  { wants: 'slow or fast', takes: oneOf('slow', 'fast', '0', '1'), keys: 'bond.lacp_rate' },
  {
    wants: 'none, active or follow',
    takes: oneOf('none', 'active', 'follow', '0', '1', '2'),
    keys: 'bond.fail_over_mac',
  },
];

export const keyfileRules = rulesOf(rows);
