/**
 * ifcfg files of network-scripts, which NetworkManager reads too on the systems that have them: a key at a time, every other line stays. Sources:
 * sysconfig.txt of initscripts; nm-settings-ifcfg-rh(5).
 */
import { baseName, configsOf, type ConfigOf } from '../config.ts';
import { ifcfgName, ifcfgValues, isFalse, isTrue, type IfcfgValues } from './read.ts';
import { isDefaultRoute } from '../../values/route.ts';
import {
  addressesOf,
  bridgeDefaults,
  isIpv6,
  netmask,
  otherRoutes,
  plainGateway,
  splitCidr,
  type PersistDevice,
  type PersistRoute,
} from '../persist-device.ts';
import {
  fileChange,
  resolverOf,
  textOf,
  type FileChange,
  type PresentFiles,
  type Renderer,
  type Resolver,
} from '../file-change.ts';
import { LineEdit } from '../line-edit.ts';

const folder = '/etc/sysconfig/network-scripts';

export const renderIfcfg: Renderer = (model, present) => {
  const configs = configsOf(present.configs, 'ifcfg');
  const written = model.devices.flatMap((device) => {
    const resolver = resolverOf(device, model.devices, (name) => resolverIn(configs, name));
    return [...deviceChange(device, resolver, present), ...routeChanges(device, present)];
  });
  const removed = model.gone.flatMap((name) => {
    const path = configOf(configs, name)?.file.path;
    return [
      ...(path === undefined ? [] : fileChange(present, path, null, 0o644)),
      ...['route', 'route6'].flatMap((kind) => fileChange(present, `${folder}/${kind}-${name}`, null, 0o644)),
    ];
  });
  return { changes: [...written, ...removed], warnings: model.devices.flatMap(limitations) };
};

/** The file for a device, whatever its name is. */
function configOf(configs: readonly ConfigOf<'ifcfg'>[], name: string): ConfigOf<'ifcfg'> | undefined {
  const device = (config: ConfigOf<'ifcfg'>): string =>
    ifcfgValues(config)('DEVICE')?.value ?? ifcfgName(config.file.path);
  return (
    configs.find((config) => device(config) === name && baseName(config.file.path) === `ifcfg-${name}`) ??
    configs.find((config) => device(config) === name)
  );
}

/** The desired value of a key; null: absent. */
type Wanted = readonly (readonly [key: string, value: string | null])[];

function deviceChange(device: PersistDevice, resolver: Resolver, present: PresentFiles): readonly FileChange[] {
  const there = configOf(configsOf(present.configs, 'ifcfg'), device.name);
  const value: IfcfgValues = there ? ifcfgValues(there) : () => undefined;
  const path = there?.file.path ?? `${folder}/ifcfg-${device.name}`;
  const keys = there?.parsed.entries.map(({ key }) => key) ?? [];
  const wanted = [...ofDevice(device, value), ...ofAddresses(device, value), ...ofResolver(device, resolver, value)];
  const unwanted = keys.filter((key) => isManaged(key) && !wanted.some(([each]) => each === key));
  const text = edited(there, [...wanted, ...unwanted.map((key) => [key, null] as const)]);
  return fileChange(present, path, text, 0o644);
}

/** Keys that kvmnet writes or deliberately omits; all others belong to the user. */
function isManaged(key: string): boolean {
  return /^(IPADDR\d*|NETMASK\d*|PREFIX\d*|GATEWAY\d*|NETWORK\d*|BROADCAST\d*|IPV6ADDR|IPV6ADDR_SECONDARIES|IPV6_DEFAULTGW|DNS\d+|DOMAIN|BRIDGE|MASTER|SLAVE|MTU|MACADDR|STP|DELAY|BRIDGING_OPTS)$/.test(
    key,
  );
}

/** An existing value that means the same keeps its spelling. */
function keeping(value: IfcfgValues, key: string, wanted: string): string {
  const there = value(key);
  const means = (test: typeof isTrue): boolean => test(there) && test({ value: wanted, key, path: '', line: 0 });
  return there !== undefined && (means(isTrue) || means(isFalse)) ? there.value : wanted;
}

/** MAC addresses are written in either case. */
function keepingCase(there: string | undefined, wanted: string): string {
  return there?.toLowerCase() === wanted.toLowerCase() ? there : wanted;
}

function ofDevice(device: PersistDevice, value: IfcfgValues): Wanted {
  const { name, vlan, bridge, bond, master, mac, mtu } = device;
  const type = bridge ? 'Bridge' : vlan ? 'Vlan' : bond ? 'Bond' : undefined;
  const yes = (key: string): readonly [string, string] => [key, keeping(value, key, 'yes')];
  return [
    ['DEVICE', name],
    ...(type === undefined ? (value('TYPE') ? [] : [['TYPE', 'Ethernet'] as const]) : [['TYPE', type] as const]),
    yes('ONBOOT'),
    ['BOOTPROTO', bootproto(device, value)],
    ...(vlan
      ? [
          yes('VLAN'),
          ['PHYSDEV', vlan.parent] as const,
          ['VLAN_ID', String(vlan.id)] as const,
          ...(value('VID') ? [['VID', String(vlan.id)] as const] : []),
        ]
      : []),
    ...(bridge ? bridgeKeys(bridge, value) : []),
    ...(bond
      ? ([
          ['BONDING_MASTER', keeping(value, 'BONDING_MASTER', 'yes')],
          ['BONDING_OPTS', bondingOptions(bond)],
        ] as const)
      : []),
    ...(master?.kind === 'bridge' ? ([['BRIDGE', master.name]] as const) : []),
    ...(master?.kind === 'bond' ? ([['MASTER', master.name], yes('SLAVE')] as const) : []),
    ...(mac === undefined ? [] : [['MACADDR', keepingCase(value('MACADDR')?.value, mac)] as const]),
    ...(mtu === undefined ? [] : [['MTU', String(mtu)] as const]),
  ];
}

/** `static` and `none` are one for the scripts. */
function bootproto({ dhcp4, addresses }: PersistDevice, value: IfcfgValues): string {
  if (dhcp4) return 'dhcp';
  const there = value('BOOTPROTO')?.value ?? '';
  return /^(static|none)$/i.test(there) ? there : addresses.length > 0 ? 'static' : 'none';
}

function bridgeKeys(bridge: NonNullable<PersistDevice['bridge']>, value: IfcfgValues): Wanted {
  const options = [
    ['priority', bridge.priority, bridgeDefaults.priority],
    ['hello_time', bridge.helloTime * 100, bridgeDefaults.helloTime * 100],
    ['max_age', bridge.maxAge * 100, bridgeDefaults.maxAge * 100],
    ['ageing_time', bridge.ageingTime * 100, bridgeDefaults.ageingTime * 100],
    ['vlan_filtering', Number(bridge.vlanFiltering), 0],
  ] as const;
  const unusual = options
    .filter(([, value, usual]) => value !== usual)
    .map(([key, value]) => `${key}=${String(Math.round(value))}`);
  return [
    ['STP', keeping(value, 'STP', bridge.stp ? 'yes' : 'no')],
    ['DELAY', String(Math.round(bridge.forwardDelay))],
    ...(unusual.length === 0 ? [] : [['BRIDGING_OPTS', unusual.join(' ')] as const]),
  ];
}

function bondingOptions({ mode, miimon, primary }: NonNullable<PersistDevice['bond']>): string {
  return [`mode=${mode}`, `miimon=${String(miimon)}`, ...(primary === undefined ? [] : [`primary=${primary}`])].join(
    ' ',
  );
}

function ofAddresses(device: PersistDevice, value: IfcfgValues): Wanted {
  const ipv4 = addressesOf(device, 4).flatMap((cidr, index) => ipv4Keys(cidr, index === 0 ? '' : String(index), value));
  const [ipv6, ...more] = addressesOf(device, 6);
  const gateways = [plainGateway(device, 4)?.gateway, plainGateway(device, 6)?.gateway];
  const hasIpv6 = ipv6 !== undefined || device.dhcp6 || device.acceptRa;
  return [
    ...ipv4,
    ...(gateways[0] === undefined ? [] : [['GATEWAY', gateways[0]] as const]),
    ...(gateways[0] === undefined && !device.dhcp4 ? [] : [['DEFROUTE', keeping(value, 'DEFROUTE', 'yes')] as const]),
    ...(hasIpv6 || value('IPV6INIT')
      ? [['IPV6INIT', keeping(value, 'IPV6INIT', hasIpv6 ? 'yes' : 'no')] as const]
      : []),
    ...(hasIpv6 ? [['IPV6_AUTOCONF', keeping(value, 'IPV6_AUTOCONF', device.acceptRa ? 'yes' : 'no')] as const] : []),
    ...(device.dhcp6 ? [['DHCPV6C', 'yes'] as const] : []),
    ...(ipv6 === undefined ? [] : [['IPV6ADDR', ipv6] as const]),
    ...(more.length === 0 ? [] : [['IPV6ADDR_SECONDARIES', more.join(' ')] as const]),
    ...(gateways[1] === undefined ? [] : [['IPV6_DEFAULTGW', gateways[1]] as const]),
  ];
}

/** A file that uses PREFIX continues to use it. */
function ipv4Keys(cidr: string, number: string, value: IfcfgValues): Wanted {
  const [address, prefix] = splitCidr(cidr);
  const hasPrefix = value(`PREFIX${number}`) !== undefined;
  return [
    [`IPADDR${number}`, address],
    hasPrefix ? [`PREFIX${number}`, String(prefix)] : [`NETMASK${number}`, netmask(prefix)],
  ];
}

function ofResolver({ master, dhcp4 }: PersistDevice, { servers, domains }: Resolver, value: IfcfgValues): Wanted {
  if (master) return [];
  return [
    ...servers.map((server, index) => [`DNS${String(index + 1)}`, server] as const),
    ...(domains.length === 0 ? [] : [['DOMAIN', domains.join(' ')] as const]),
    ...(servers.length === 0 && !dhcp4 ? [] : [['PEERDNS', value('PEERDNS')?.value ?? 'yes'] as const]),
  ];
}

function resolverIn(configs: readonly ConfigOf<'ifcfg'>[], name: string): Resolver {
  const config = configOf(configs, name);
  if (!config) return { servers: [], domains: [] };
  const value = ifcfgValues(config);
  const numbers = config.parsed.entries.flatMap(({ key }) => (/^DNS\d+$/.test(key) ? [key] : []));
  return {
    servers: [...new Set(numbers)].sort().flatMap((key) => value(key)?.value ?? []),
    domains: value('DOMAIN')?.value.split(/\s+/) ?? [],
  };
}

/** The text with these keys: in their lines where they have one, else at the end. Of a key that comes twice the last one counts. */
function edited(config: ConfigOf<'ifcfg'> | undefined, wanted: Wanted): string {
  const edit = new LineEdit(config?.file.text ?? '');
  const entries = config?.parsed.entries ?? [];
  const added: string[] = [];
  for (const [key, value] of wanted) {
    const there = entries.filter((entry) => entry.key === key);
    const last = there.at(-1);
    if (value === null) there.forEach(({ line }) => edit.replace(line, line, []));
    else if (!last) added.push(`${key}=${shellWord(value)}`);
    else if (last.value !== value) edit.replace(last.line, last.line, [`${key}=${shellWord(value)}`]);
  }
  return edit.text() + added.map((line) => `${line}\n`).join('');
}

function shellWord(value: string): string {
  return /^[\w.:/%@+,-]*$/.test(value) ? value : `"${value.replaceAll(/["\\$`]/g, '\\$&')}"`;
}

/** Arguments that initscripts' ifup-routes passes to `ip route`, one line each; lines that mean the same stay unchanged, and so do comments. */
function routeChanges(device: PersistDevice, present: PresentFiles): readonly FileChange[] {
  const files = [
    ['route', 4],
    ['route6', 6],
  ] as const;
  return files.flatMap(([kind, family]) => {
    const path = `${folder}/${kind}-${device.name}`;
    const there = textOf(present.files, path) ?? '';
    const routes = otherRoutes(device).filter(({ destination }) => isIpv6(destination) === (family === 6));
    const wanted = routes.map((route) => routeLine(device.name, route));
    const lines = there.split('\n').filter((line) => line.trim() !== '');
    const kept = lines.filter((line) => line.startsWith('#') || wanted.some((each) => sameRoute(each, line)));
    const added = wanted.filter((each) => !lines.some((line) => sameRoute(each, line)));
    if (kept.length === lines.length && added.length === 0) return [];
    const all = [...kept, ...added];
    return fileChange(present, path, all.length === 0 ? null : `${all.join('\n')}\n`, 0o644);
  });
}

function routeLine(dev: string, route: PersistRoute): string {
  const { destination, gateway, metric, source, onlink } = route;
  return [
    isDefaultRoute(route) ? 'default' : destination,
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...['dev', dev],
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(source === undefined ? [] : ['src', source]),
    ...(onlink ? ['onlink'] : []),
  ].join(' ');
}

function sameRoute(line: string, other: string): boolean {
  const words = (text: string): string =>
    text
      .replace(/\bdev \S+/, '')
      .split(/\s+/)
      .sort()
      .join(' ')
      .trim();
  return words(line) === words(other);
}

function limitations({ name, vlan, bridge }: PersistDevice): readonly string[] {
  return [
    ...(vlan && vlan.protocol !== '802.1Q'
      ? [`${name} will be a VLAN of 802.1Q: ifcfg files do not support ${vlan.protocol}`]
      : []),
    ...(bridge?.vlanFiltering
      ? [`the VLANs of ${name}'s ports are not written: network-scripts give each port VLAN 1`]
      : []),
  ];
}
