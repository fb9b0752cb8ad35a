/**
 * NetworkManager: a profile for each device, readable by root alone. Of several profiles for a device the one with the highest priority is
 * activated. Sources: nm-settings-keyfile(5), nm-settings(5), NetworkManager.conf(5).
 */
import { configsOf, readConfig, type ConfigOf } from '../config.ts';
import { keyfileDevices, keyfileValues } from './read.ts';
import {
  addressesOf,
  bridgeDefaults,
  isIpv6,
  kernelMetric6,
  otherRoutes,
  plainGateway,
  type PersistDevice,
  type PersistModel,
  type PersistRoute,
} from '../persist-device.ts';
import {
  fileChange,
  isOurs,
  meaning,
  resolverOf,
  type FileChange,
  type PresentFiles,
  type Renderer,
  type Resolver,
} from '../file-change.ts';
import { keyfileText, ownComment, type Section } from '../ini-text.ts';

const folder = '/etc/NetworkManager/system-connections';

export const renderNetworkManager: Renderer = (model, present) => {
  const configs = configsOf(present.configs, 'networkmanager');
  const foreign = configs.filter(({ file }) => !isOurs(file.path));
  const notes: string[] = [];
  const written = model.devices.flatMap((device) => {
    const path = pathOf(device.name);
    const resolver = resolverOf(device, model.devices, (name) => resolverIn(configs, name));
    const competing = foreign.filter((config) => isFor(config, device.name, foreign));
    const text = profile(device, resolver, competing);
    const own = readConfig({ path, text }, 'networkmanager') as ConfigOf<'networkmanager'>;
    if (competing.some((competitor) => isEquivalent(competitor, own, device.name, foreign)))
      return fileChange(present, path, null, 0o600);
    for (const { file } of competing)
      notes.push(`${file.path} stays, and the profile kvmnet-${device.name} comes before it`);
    return fileChange(present, path, text, 0o600);
  });
  const removed = model.gone.flatMap((name) => [
    ...fileChange(present, pathOf(name), null, 0o600),
    ...foreign
      .filter((config) => deviceName(config) === name)
      .flatMap(({ file }) => fileChange(present, file.path, null, 0o600)),
  ]);
  return {
    changes: [...unmanagedChange(model, present), ...written, ...removed],
    warnings: [...notes, ...model.devices.flatMap(limitations)],
  };
};

function pathOf(name: string): string {
  return `${folder}/kvmnet-${name}.nmconnection`;
}

function deviceName(config: ConfigOf<'networkmanager'>): string | undefined {
  return keyfileValues(config)('connection', 'interface-name')?.value;
}

/** A profile that names the device, or that is for any NIC. */
function isFor(config: ConfigOf<'networkmanager'>, name: string, all: readonly ConfigOf<'networkmanager'>[]): boolean {
  const [device] = keyfileDevices([config, ...all.filter((each) => each !== config)]);
  return device?.name === name;
}

/** Profiles of the same meaning whose bridges behave the same. */
function isEquivalent(
  competitor: ConfigOf<'networkmanager'>,
  own: ConfigOf<'networkmanager'>,
  name: string,
  all: readonly ConfigOf<'networkmanager'>[],
): boolean {
  const others = all.filter((each) => each !== competitor && !isFor(each, name, all));
  const normalized = (config: ConfigOf<'networkmanager'>): string => {
    const value = keyfileValues(config);
    const isBridge = value('connection', 'type')?.value === 'bridge';
    const stp = isBridge && !/^(false|no|0)$/.test(value('bridge', 'stp')?.value ?? 'true');
    return JSON.stringify([
      meaning([config, ...others], name),
      stp,
      isBridge && stp ? (value('bridge', 'forward-delay')?.value ?? '15') : '',
      value('ipv4', 'method')?.value,
    ]);
  };
  return normalized(competitor) === normalized(own);
}

function profile(device: PersistDevice, resolver: Resolver, competing: readonly ConfigOf<'networkmanager'>[]): string {
  const { name, master, mac, mtu, vlan, bridge, bond } = device;
  const priorities = competing.map((competitor) =>
    Number(keyfileValues(competitor)('connection', 'autoconnect-priority')?.value ?? 0),
  );
  return keyfileText(ownComment, [
    {
      name: 'connection',
      entries: [
        ['id', `kvmnet-${name}`],
        ['type', bridge ? 'bridge' : vlan ? 'vlan' : bond ? 'bond' : 'ethernet'],
        ['interface-name', name],
        ['master', master?.name],
        ['slave-type', master?.kind],
        ['autoconnect-priority', priorities.length === 0 ? undefined : Math.max(...priorities) + 1],
        // A bridge or bond brings up its ports; without it they wait for each other.
        ['autoconnect-slaves', bridge || bond ? 1 : undefined],
      ],
    },
    {
      name: 'ethernet',
      entries: [
        ['cloned-mac-address', bridge ? undefined : mac?.toUpperCase()],
        ['mtu', mtu],
      ],
    },
    {
      name: 'vlan',
      entries: vlan
        ? [
            ['id', vlan.id],
            ['parent', vlan.parent],
            ['protocol', vlan.protocol === '802.1Q' ? undefined : vlan.protocol],
          ]
        : [],
    },
    { name: 'bridge', entries: bridge ? bridgeEntries(bridge, mac) : [] },
    {
      name: 'bond',
      entries: bond
        ? [
            ['mode', bond.mode],
            ['miimon', bond.miimon],
            ['primary', bond.primary],
          ]
        : [],
    },
    ...(master ? [] : [ipSection(device, 4, resolver), ipSection(device, 6, resolver)]),
  ]);
}

function bridgeEntries(bridge: NonNullable<PersistDevice['bridge']>, mac: string | undefined): Section['entries'] {
  const unless = (value: number, usual: number): number | undefined => (value === usual ? undefined : value);
  return [
    ['stp', bridge.stp],
    // NetworkManager writes none where STP is off, and a port then waits for nothing; with STP the least is 2 (IEEE 802.1D, 8.10.2).
    ['forward-delay', bridge.stp ? Math.max(2, Math.round(bridge.forwardDelay)) : undefined],
    ['hello-time', unless(bridge.helloTime, bridgeDefaults.helloTime)],
    ['max-age', unless(bridge.maxAge, bridgeDefaults.maxAge)],
    ['ageing-time', unless(bridge.ageingTime, bridgeDefaults.ageingTime)],
    ['priority', unless(bridge.priority, bridgeDefaults.priority)],
    ['vlan-filtering', bridge.vlanFiltering ? true : undefined],
    ['mac-address', mac?.toUpperCase()],
  ];
}

function ipSection(device: PersistDevice, family: 4 | 6, { servers, domains }: Resolver): Section {
  const addresses = addressesOf(device, family);
  const isSixth = family === 6;
  const dns = servers.filter((server) => isIpv6(server) === isSixth);
  const gateway = plainGateway(device, family)?.gateway;
  const routes = otherRoutes(device).filter(({ destination }) => isIpv6(destination) === isSixth);
  const method = methodOf(device, family, addresses);
  const isOn = method === 'manual' || method === 'auto';
  return {
    name: isSixth ? 'ipv6' : 'ipv4',
    entries: [
      ['method', method],
      ...addresses.map((address, index) => [`address${String(index + 1)}`, address] as const),
      ['gateway', gateway],
      // As the kernel has it without NetworkManager, which would take 400 and more.
      ['route-metric', method === 'manual' && !isSixth ? 0 : undefined],
      ['route-metric', method === 'manual' && isSixth && gateway !== undefined ? kernelMetric6 : undefined],
      ...routes.flatMap((route, index) => routeEntries(route, index + 1)),
      ['dns', isOn && dns.length > 0 ? `${dns.join(';')};` : undefined],
      ['dns-search', isOn && !isSixth && domains.length > 0 ? `${domains.join(';')};` : undefined],
      // The kernel's own way: an address from the MAC.
      ['addr-gen-mode', isSixth && method !== 'disabled' ? 'eui64' : undefined],
    ],
  };
}

function methodOf(device: PersistDevice, family: 4 | 6, addresses: readonly string[]): string {
  if (family === 4) return device.dhcp4 ? 'auto' : addresses.length > 0 ? 'manual' : 'disabled';
  if (device.acceptRa) return 'auto';
  if (device.dhcp6) return 'dhcp';
  if (addresses.length > 0) return 'manual';
  return device.linkLocal ? 'link-local' : 'disabled';
}

/** Returns `route1=DESTINATION,GATEWAY,METRIC`, and its options as separate keys. */
function routeEntries(route: PersistRoute, number: number): Section['entries'] {
  const { destination, gateway, metric, source, onlink } = route;
  const none = isIpv6(destination) ? '::' : '0.0.0.0';
  const options = [...(onlink ? ['onlink=true'] : []), ...(source === undefined ? [] : [`src=${source}`])];
  const value = [
    destination,
    ...(gateway !== undefined ? [gateway] : metric === undefined ? [] : [none]),
    ...(metric === undefined ? [] : [String(metric)]),
  ];
  return [
    [`route${String(number)}`, value.join(',')],
    [`route${String(number)}_options`, options.length === 0 ? undefined : options.join(',')],
  ];
}

function resolverIn(configs: readonly ConfigOf<'networkmanager'>[], name: string): Resolver {
  const values = configs.filter((config) => isFor(config, name, configs)).map(keyfileValues);
  const words = (key: string): readonly string[] =>
    values
      .flatMap((value) => ['ipv4', 'ipv6'].flatMap((family) => value(family, key)?.value.split(/[;,]/) ?? []))
      .map((word) => word.trim())
      .filter((word) => word !== '');
  return { servers: words('dns'), domains: words('dns-search') };
}

function unmanagedChange({ unmanaged }: PersistModel, present: PresentFiles): readonly FileChange[] {
  const text = keyfileText(`${ownComment} Devices of libvirt and containers are not managed.`, [
    { name: 'keyfile', entries: [['unmanaged-devices+', unmanaged.map((name) => `interface-name:${name}`).join(';')]] },
  ]);
  return fileChange(present, '/etc/NetworkManager/conf.d/90-kvmnet-unmanaged.conf', text, 0o644);
}

function limitations({ name, bridge }: PersistDevice): readonly string[] {
  return bridge?.vlanFiltering ? [`the VLANs of ${name}'s ports are not written: each port gets VLAN 1`] : [];
}
