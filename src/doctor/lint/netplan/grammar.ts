/**
 * netplan's grammar as a table: which key takes what. Sources: the tables of handlers in parse.c of netplan 0.106, and netplan-yaml(5) of
 * netplan 1.2 for keys that are newer.
 */
import { isIPv4, isIPv6 } from 'node:net';

/** The type of a scalar; netplan refuses any other text. */
export interface Wanted {
  readonly code: 'bad-value' | 'bad-address' | 'bad-netmask' | 'bad-mac';
  readonly accepts: (text: string) => boolean;
  /** The words after `is not`. */
  readonly what: string;
  readonly remedy: string;
}

export interface MapShape {
  readonly kind: 'map';
  readonly keys: Readonly<Record<string, Shape>>;
  /** Of keys that the user chooses, each of which may be the name of a device. */
  readonly rest?: Shape;
  readonly areDevices?: boolean;
}

export type Shape =
  | { readonly kind: 'scalar'; readonly wanted: readonly Wanted[]; readonly isDevice?: boolean }
  | { readonly kind: 'list'; readonly item: Shape }
  | MapShape
  | { readonly kind: 'either'; readonly shapes: readonly Shape[] };

type Keys = Readonly<Record<string, Shape>>;

const isAddress = (text: string): boolean => isIPv4(text) || (isIPv6(text) && !text.includes('%'));
const addressOf = (text: string): string => text.replace(/\/[^/]*$/, '');

function scalar(...wanted: readonly Wanted[]): Shape {
  return { kind: 'scalar', wanted };
}

/** Without the comma before "or". */
const alternatives = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function oneOf(words: string, flags = ''): Shape {
  const choices = words.split(' ');
  const pattern = new RegExp(`^(${choices.map((each) => each.replaceAll('.', '\\.')).join('|')})$`, flags);
  return scalar({
    code: 'bad-value',
    accepts: (text) => pattern.test(text),
    what: `one of ${choices.join(', ')}`,
    remedy: `write ${alternatives.format(choices.slice(0, 4))}`,
  });
}

function list(item: Shape): Shape {
  return { kind: 'list', item };
}

function map(keys: Keys): MapShape {
  return { kind: 'map', keys };
}

function keyed(keys: string, shape: Shape): Keys {
  return Object.fromEntries(
    keys
      .trim()
      .split(/\s+/)
      .map((key) => [key, shape]),
  );
}

const text = scalar();
const device: Shape = { kind: 'scalar', wanted: [], isDevice: true };
const flag = scalar({
  code: 'bad-value',
  accepts: (value) => /^(true|on|yes|y|false|off|no|n)$/i.test(value),
  what: 'true or false',
  remedy: 'write true or false',
});
/** An empty one is read as 0. */
const number = scalar({
  code: 'bad-value',
  accepts: (value) =>
    value === '' || (/^\s*\+?\d{1,19}$/.test(value) && Number(value) <= 0xffffffff) || /^\s*-0+$/.test(value),
  what: 'a number',
  remedy: 'write a number from 0 to 4294967295',
});
const address = (accepts: (value: string) => boolean, what: string, example: string): Shape =>
  scalar({ code: 'bad-address', accepts, what, remedy: `write ${what} such as ${example}` });
const ip4 = address(isIPv4, 'an IPv4 address', '192.168.132.1');
const ip6 = address((value) => isAddress(value) && value.includes(':'), 'an IPv6 address', 'fd00:132::1');
const ip = address(isAddress, 'an IP address', '192.168.132.1');
const subnet = address((value) => isAddress(addressOf(value)), 'an IP address or subnet', '192.168.132.0/24');
const destination = address(
  (value) => value === 'default' || isAddress(addressOf(value)),
  'default, an IP address or a subnet',
  '192.168.132.0/24',
);
const cidr = scalar(
  {
    code: 'bad-address',
    accepts: (value) => isAddress(addressOf(value)),
    what: 'an IP address with a prefix length',
    remedy: 'write four numbers from 0 to 255 and a prefix length, such as 192.168.132.2/24, or an IPv6 address',
  },
  {
    code: 'bad-netmask',
    accepts: (value) => {
      const prefix = /\/(\d{1,3})$/.exec(value)?.[1];
      return prefix !== undefined && Number(prefix) >= 1 && Number(prefix) <= (value.includes(':') ? 128 : 32);
    },
    what: 'an address with a valid prefix length',
    remedy: 'write the prefix length after the address: /24 for the netmask 255.255.255.0',
  },
);
const mac = scalar({
  code: 'bad-mac',
  accepts: (value) => /^[\da-f]{2}(:[\da-f]{2}){5}((:[\da-f]{2}){14})?$/i.test(value),
  what: 'a MAC address',
  remedy: 'write six bytes, such as 52:54:00:7d:be:70',
});
/** netplan 1.0 has words too. */
const ownMac = scalar({
  code: 'bad-mac',
  accepts: (value) =>
    /^([\da-f]{2}(:[\da-f]{2}){5}((:[\da-f]{2}){14})?|permanent|random|stable|preserve|stable-ssid)$/i.test(value),
  what: 'a MAC address',
  remedy: 'write six bytes, such as 52:54:00:7d:be:70',
});
const renderer = oneOf('networkd NetworkManager');

const route = map({
  ...keyed('from via', subnet),
  to: destination,
  'on-link': flag,
  scope: oneOf('global link host', 'i'),
  type: oneOf('unicast anycast blackhole broadcast local multicast nat prohibit throw unreachable xresolve', 'i'),
  ...keyed('metric table mtu congestion-window advertised-receive-window advertised-mss', number),
});

const rule = map({ ...keyed('from to', subnet), ...keyed('mark priority table type-of-service', number) });

const dhcpOverrides = map({
  ...keyed('hostname use-domains', text),
  'route-metric': number,
  ...keyed('send-hostname use-dns use-hostname use-mtu use-ntp use-routes', flag),
});

const open: MapShape = { kind: 'map', keys: {}, rest: text };
/** Open vSwitch, wireless networks and modems are not looked into. */
const anything: Shape = { kind: 'either', shapes: [] };
const networkManager = map({ ...keyed('name uuid stable-id device', text), passthrough: open });

const backends: Keys = { networkmanager: networkManager, openvswitch: { kind: 'map', keys: {}, rest: anything } };

const common: Keys = {
  ...backends,
  addresses: list({
    kind: 'either',
    shapes: [cidr, { kind: 'map', keys: {}, rest: map({ lifetime: oneOf('0 forever', 'i'), label: text }) }],
  }),
  ...keyed('accept-ra critical ignore-carrier dhcp4 dhcp6 ipv6-privacy optional', flag),
  ...keyed('neigh-suppress hairpin port-mac-learning', flag),
  'activation-mode': oneOf('manual off'),
  'dhcp-identifier': oneOf('duid mac', 'i'),
  ...keyed('dhcp4-overrides dhcp6-overrides', dhcpOverrides),
  'ra-overrides': { kind: 'map', keys: {}, rest: text },
  gateway4: ip4,
  gateway6: ip6,
  'ipv6-address-generation': oneOf('eui64 stable-privacy'),
  'ipv6-address-token': ip6,
  ...keyed('ipv6-mtu mtu', number),
  'link-local': list(oneOf('ipv4 ipv6', 'i')),
  macaddress: ownMac,
  nameservers: map({ search: list(text), addresses: list(ip) }),
  'optional-addresses': list(oneOf('ipv4-ll ipv6-ra dhcp4 dhcp6 static', 'i')),
  renderer,
  routes: list(route),
  'routing-policy': list(rule),
};

const physical: Keys = {
  match: map({ driver: { kind: 'either', shapes: [text, list(text)] }, macaddress: mac, name: text }),
  'set-name': text,
  ...keyed('wakeonlan emit-lldp receive-checksum-offload transmit-checksum-offload tcp-segmentation-offload', flag),
  ...keyed('tcp6-segmentation-offload generic-segmentation-offload generic-receive-offload', flag),
  'large-receive-offload': flag,
  wakeonwlan: list(text),
  auth: { kind: 'map', keys: {}, rest: text },
};

const ethernet: Keys = {
  ...common,
  ...physical,
  link: device,
  'virtual-function-count': number,
  'embedded-switch-mode': oneOf('switchdev legacy'),
  'delay-virtual-functions-rebind': flag,
  'infiniband-mode': oneOf('datagram connected'),
};

const devices: MapShape = { kind: 'map', keys: {}, rest: number, areDevices: true };

const bridge: Keys = {
  ...common,
  interfaces: list(device),
  parameters: map({
    ...keyed('ageing-time aging-time forward-delay hello-time max-age', text),
    ...keyed('path-cost port-priority', devices),
    priority: number,
    stp: flag,
  }),
};

const bond: Keys = {
  ...common,
  interfaces: list(device),
  parameters: map({
    mode: oneOf(
      'active-backup 802.3ad balance-alb balance-rr balance-xor broadcast balance-tlb balance-tcp balance-slb',
    ),
    ...keyed('lacp-rate mii-monitor-interval transmit-hash-policy ad-select arp-interval arp-validate', text),
    ...keyed('arp-all-targets up-delay down-delay fail-over-mac-policy primary-reselect-policy', text),
    'learn-packet-interval': text,
    ...keyed('min-links gratuitous-arp gratuitious-arp packets-per-slave packets-per-member resend-igmp', number),
    ...keyed('all-slaves-active all-members-active', flag),
    'arp-ip-targets': list(ip4),
    primary: device,
  }),
};

const tunnel: Keys = {
  ...common,
  ...keyed('mode local remote', text),
  ...keyed('key keys', anything),
  peers: list(anything),
  link: device,
  ...keyed('ttl mark port ageing aging id limit type-of-service flow-label', number),
  ...keyed('do-not-fragment short-circuit arp-proxy mac-learning', flag),
  ...keyed('notifications checksums extensions port-range', list(text)),
};

const modem = keyed('apn auto-config device-id network-id number password pin sim-id sim-operator-id username', text);

/** A renderer of a kind is a key among the names of its devices. */
const kind = (keys: Keys): MapShape => ({ kind: 'map', keys: { renderer }, rest: map(keys) });

/** The maps below `network:` that define devices. */
const kinds: Readonly<Record<string, MapShape>> = {
  ethernets: kind(ethernet),
  bridges: kind(bridge),
  bonds: kind(bond),
  vlans: kind({ ...common, id: number, link: device, renderer: oneOf('networkd NetworkManager sriov') }),
  vrfs: kind({ ...common, interfaces: list(device), table: number }),
  tunnels: kind(tunnel),
  wifis: kind({ ...common, ...physical, 'access-points': anything, 'regulatory-domain': text }),
  modems: kind({ ...common, ...physical, ...modem }),
  'dummy-devices': kind(common),
  'virtual-ethernets': kind({ ...common, peer: text }),
  'nm-devices': kind(ethernet),
};

export const netplanGrammar: MapShape = map({
  network: map({
    ...kinds,
    version: scalar({
      code: 'bad-value',
      accepts: (value) => /^\s*\+?0*2(?!\d)/.test(value),
      what: 'version 2, the only one that netplan reads',
      remedy: 'write version: 2',
    }),
    renderer,
    openvswitch: anything,
  }),
});
