/**
 * systemd-networkd: a .netdev and a .network file for each device. Of several .network files for a device the first by name counts, and the others
 * are not read. Sources: systemd.network(5), systemd.netdev(5).
 */
import { baseName, configsOf, readConfig, type ConfigOf } from '../config.ts';
import { globMatches } from '../../values/glob.ts';
import { matchedNames } from './match.ts';
import { networkdUnits, type NetworkdUnit } from './units.ts';
import { wordsOf } from '../device.ts';
import { isDefaultRoute } from '../../values/route.ts';
import {
  addressesOf,
  bridgeDefaults,
  otherRoutes,
  plainGateway,
  withBondMac,
  type PersistDevice,
  type PersistModel,
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

const folder = '/etc/systemd/network';

export const renderNetworkd: Renderer = (model, present) => {
  const configs = configsOf(present.configs, 'networkd');
  const foreign = configs.filter(({ file }) => !isOurs(file.path));
  const notes: string[] = [];
  const written = model.devices.flatMap((device) => {
    const resolver = resolverOf(device, model.devices, (name) => resolverIn(configs, name));
    const files = filesOf(device, model, resolver);
    const there = isUpToDate(device, files, foreign);
    if (there) return [...takenBack(device.name, present), ...vlanDropIn(device, model, foreign, present)];
    const [unit] = unitsFor(foreign, device.name);
    if (unit) notes.push(`${unit.path} is not read for ${device.name} any more: kvmnet's file comes before it`);
    const prefix = prefixFor(device.name, foreign);
    return [
      ...takenBack(device.name, present, prefix),
      ...files.flatMap(({ suffix, text }) =>
        fileChange(present, `${folder}/${prefix}${device.name}.${suffix}`, text, 0o644),
      ),
    ];
  });
  const removed = model.gone.flatMap((name) => [...takenBack(name, present), ...foreignOf(name, foreign, present)]);
  return {
    changes: [...unmanagedChange(model, present), ...written, ...removed],
    warnings: [...notes, ...model.devices.flatMap(limitations)],
  };
};

interface UnitFile {
  readonly suffix: 'netdev' | 'network';
  readonly text: string;
}

function filesOf(device: PersistDevice, model: PersistModel, resolver: Resolver): readonly UnitFile[] {
  const netdev = netdevSections(device);
  return [
    ...(netdev.length === 0 ? [] : [{ suffix: 'netdev' as const, text: keyfileText(ownComment, netdev) }]),
    { suffix: 'network', text: keyfileText(ownComment, networkSections(device, model, resolver)) },
  ];
}

function netdevSections(device: PersistDevice): readonly Section[] {
  const { name, vlan, bridge, bond, mac, mtu } = withBondMac(device);
  const kind = bridge ? 'bridge' : vlan ? 'vlan' : bond ? 'bond' : undefined;
  if (kind === undefined) return [];
  return [
    {
      name: 'NetDev',
      entries: [
        ['Name', name],
        ['Kind', kind],
        ['MACAddress', mac],
        ['MTUBytes', mtu],
      ],
    },
    {
      name: 'VLAN',
      entries: vlan
        ? [
            ['Id', vlan.id],
            ['Protocol', vlan.protocol === '802.1Q' ? undefined : vlan.protocol.toLowerCase()],
          ]
        : [],
    },
    { name: 'Bridge', entries: bridge ? bridgeEntries(bridge) : [] },
    {
      name: 'Bond',
      entries: bond
        ? [
            ['Mode', bond.mode],
            ['MIIMonitorSec', `${String(bond.miimon)}ms`],
          ]
        : [],
    },
  ];
}

function bridgeEntries(bridge: NonNullable<PersistDevice['bridge']>): Section['entries'] {
  const unless = (value: number, usual: number): number | undefined => (value === usual ? undefined : value);
  return [
    ['STP', bridge.stp ? 'yes' : 'no'],
    ['ForwardDelaySec', bridge.forwardDelay],
    ['HelloTimeSec', unless(bridge.helloTime, bridgeDefaults.helloTime)],
    ['MaxAgeSec', unless(bridge.maxAge, bridgeDefaults.maxAge)],
    ['AgeingTimeSec', unless(bridge.ageingTime, bridgeDefaults.ageingTime)],
    ['Priority', unless(bridge.priority, bridgeDefaults.priority)],
    ['VLANFiltering', bridge.vlanFiltering ? 'yes' : undefined],
  ];
}

function networkSections(
  device: PersistDevice,
  { devices }: PersistModel,
  { servers, domains }: Resolver,
): readonly Section[] {
  const { name, master, mac, mtu, bridge, vlan, bond, dhcp4, dhcp6 } = device;
  const isMade = Boolean(bridge ?? vlan ?? bond);
  const bondAbove = master?.kind === 'bond' ? devices.find((each) => each.name === master.name)?.bond : undefined;
  const dhcp = dhcp4 && dhcp6 ? 'yes' : dhcp4 ? 'ipv4' : dhcp6 ? 'ipv6' : undefined;
  return [
    { name: 'Match', entries: [['Name', name]] },
    {
      name: 'Link',
      entries: isMade
        ? []
        : [
            ['MACAddress', mac],
            ['MTUBytes', mtu],
          ],
    },
    {
      name: 'Network',
      entries: [
        ...vlansOn(name, devices).map((each) => ['VLAN', each] as const),
        [master?.kind === 'bond' ? 'Bond' : 'Bridge', master?.name],
        ['PrimarySlave', bondAbove?.primary === name ? 'yes' : undefined],
        ['DHCP', dhcp],
        ...addressesOf(device, 4).map((address) => ['Address', address] as const),
        ...addressesOf(device, 6).map((address) => ['Address', address] as const),
        ['Gateway', plainGateway(device, 4)?.gateway],
        ['Gateway', plainGateway(device, 6)?.gateway],
        ...servers.map((server) => ['DNS', server] as const),
        ['Domains', domains.length === 0 ? undefined : domains.join(' ')],
        ...(master ? [] : addressingEntries(device)),
      ],
    },
    ...otherRoutes(device).map((route) => ({
      name: 'Route',
      entries: [
        ['Destination', isDefaultRoute(route) ? undefined : route.destination],
        ['Gateway', route.gateway],
        ['Metric', route.metric],
        ['PreferredSource', route.source],
        ['GatewayOnLink', route.onlink ? 'yes' : undefined],
        // A route without a gateway needs something in its section.
        ['Scope', route.gateway === undefined && !route.destination.includes(':') ? 'link' : undefined],
      ] as const,
    })),
  ];
}

/** A device without an address comes up anyway, and the boot does not wait for a cable. */
function addressingEntries({ linkLocal, acceptRa }: PersistDevice): Section['entries'] {
  return [
    ['LinkLocalAddressing', linkLocal || acceptRa ? 'ipv6' : 'no'],
    ['IPv6AcceptRA', acceptRa ? 'yes' : 'no'],
    ['ConfigureWithoutCarrier', 'yes'],
  ];
}

function vlansOn(name: string, devices: readonly PersistDevice[]): readonly string[] {
  return devices.filter(({ vlan }) => vlan?.parent === name).map((device) => device.name);
}

/** True if files of the user mean the same, apart from VLAN devices on it. */
function isUpToDate(
  device: PersistDevice,
  files: readonly UnitFile[],
  foreign: readonly ConfigOf<'networkd'>[],
): boolean {
  if (unitsFor(foreign, device.name).length === 0) return false;
  const own = files.map(({ suffix, text }) => readConfig({ path: `${folder}/own.${suffix}`, text }, 'networkd'));
  return (
    meaning(foreign, device.name) === meaning(own, device.name) &&
    normalizedBridge(foreign, device.name) === normalizedBridge(own as ConfigOf<'networkd'>[], device.name)
  );
}

function normalizedBridge(configs: readonly ConfigOf<'networkd'>[], name: string): string {
  const netdev = networkdUnits(configs, 'netdev').find((unit) => unit.values('NetDev', 'Name').at(-1)?.value === name);
  const value = (key: string): string => netdev?.values('Bridge', key).at(-1)?.value ?? '';
  const isOn = /^(yes|true|on|1)$/i.test(value('STP'));
  return JSON.stringify([isOn, netdev && Number.parseFloat(value('ForwardDelaySec') || '15')]);
}

/** The .network files that are for a device by its name, the first of which counts; with a .netdev of that name. */
function unitsFor(configs: readonly ConfigOf<'networkd'>[], name: string): readonly NetworkdUnit[] {
  return [
    ...networkdUnits(configs, 'network').filter((unit) =>
      matchedNames(unit).some(({ value }) => globMatches(value, name)),
    ),
    ...networkdUnits(configs, 'netdev').filter((unit) => unit.values('NetDev', 'Name').at(-1)?.value === name),
  ];
}

const usual = '50-kvmnet-';
const early = '00-kvmnet-';

function prefixFor(name: string, foreign: readonly ConfigOf<'networkd'>[]): string {
  return unitsFor(foreign, name).some(({ path }) => baseName(path) < `${usual}${name}`) ? early : usual;
}

/** Files of ours for a device under a name that they do not have any more. */
function takenBack(name: string, present: PresentFiles, prefix?: string): readonly FileChange[] {
  return [usual, early]
    .filter((each) => each !== prefix)
    .flatMap((each) =>
      ['netdev', 'network'].flatMap((suffix) => fileChange(present, `${folder}/${each}${name}.${suffix}`, null, 0o644)),
    );
}

/** Files of others that are for this device and nothing else. */
function foreignOf(
  name: string,
  foreign: readonly ConfigOf<'networkd'>[],
  present: PresentFiles,
): readonly FileChange[] {
  return unitsFor(foreign, name)
    .filter((unit) => unit.path.endsWith('.netdev') || matchedNames(unit).every(({ value }) => value === name))
    .flatMap(({ path }) => fileChange(present, path, null, 0o644));
}

/** The VLAN devices on a device whose file belongs to the user: a drop-in adds them, and that file stays unchanged. */
function vlanDropIn(
  device: PersistDevice,
  { devices }: PersistModel,
  foreign: readonly ConfigOf<'networkd'>[],
  present: PresentFiles,
): readonly FileChange[] {
  const unit = unitsFor(foreign, device.name).find(({ path }) => path.endsWith('.network'));
  if (!unit) return [];
  const there = unit
    .values('Network', 'VLAN')
    .flatMap((setting) => wordsOf(setting))
    .map(({ value }) => value);
  const missing = vlansOn(device.name, devices).filter((name) => !there.includes(name));
  const text =
    missing.length === 0
      ? null
      : keyfileText(ownComment, [{ name: 'Network', entries: missing.map((name) => ['VLAN', name] as const) }]);
  return fileChange(present, `${unit.path}.d/50-kvmnet.conf`, text, 0o644);
}

function resolverIn(configs: readonly ConfigOf<'networkd'>[], name: string): Resolver {
  const unit = unitsFor(configs, name).find(({ path }) => path.endsWith('.network'));
  const words = (key: string): readonly string[] =>
    unit
      ?.values('Network', key)
      .flatMap((setting) => wordsOf(setting))
      .map(({ value }) => value) ?? [];
  return { servers: words('DNS'), domains: words('Domains') };
}

/** Before all others, or a file for all devices would take a guest's tap. */
function unmanagedChange({ unmanaged }: PersistModel, present: PresentFiles): readonly FileChange[] {
  const text = keyfileText(`${ownComment} Devices of libvirt and containers are not managed.`, [
    { name: 'Match', entries: [['Name', unmanaged.join(' ')]] },
    { name: 'Link', entries: [['Unmanaged', 'yes']] },
  ]);
  return fileChange(present, `${folder}/00-kvmnet-unmanaged.network`, text, 0o644);
}

function limitations({ name, bridge }: PersistDevice): readonly string[] {
  return bridge?.vlanFiltering ? [`the VLANs of ${name}'s ports are not written: each port gets VLAN 1`] : [];
}
