/** systemd-networkd's files -> devices. Sources: systemd.network(5), systemd.netdev(5). */
import { baseName, type ConfigOf } from '../config.ts';
import { addressIn, wordsOf, type ConfiguredDevice, type DeviceKind, type SourcedValue } from '../device.ts';
import { globMatches } from '../../values/glob.ts';
import { isFor, matchedMacs, matchedNames, type MatchSubject } from './match.ts';
import { networkdUnits, type NetworkdUnit } from './units.ts';

export function networkdDevices(configs: readonly ConfigOf<'networkd'>[]): readonly ConfiguredDevice[] {
  const networks = networkdUnits(configs, 'network');
  const made = networkdUnits(configs, 'netdev').flatMap((netdev) => {
    const name = netdev.values('NetDev', 'Name').at(-1);
    if (name === undefined) return [];
    const subject = madeSubject(netdev, name.value, networks);
    return [
      madeDevice(
        netdev,
        name,
        networks.find((network) => isFor(network, subject)),
        networks,
      ),
    ];
  });
  const others = networks.flatMap((network) => {
    const matched = matchedNames(network).filter(({ value }) => !value.startsWith('!'));
    const plain = matched.filter(({ value }) => !made.some((device) => globMatches(value, device.name)));
    if (matched.length > 0) return plain.map((name) => ({ ...settingsOf(network), ...place(name, 'ethernet') }));
    return [
      {
        ...settingsOf(network),
        isTitle: true,
        name: baseName(network.path),
        kind: 'ethernet' as const,
        path: network.path,
        line: 1,
      },
    ];
  });
  return [...made, ...others];
}

function place(
  { value, path, line }: SourcedValue,
  kind: DeviceKind,
): Pick<ConfiguredDevice, 'name' | 'kind' | 'path' | 'line'> {
  return { name: value, kind, path, line };
}

/** A device of a .netdev file, with the settings of the first .network file that is for it. */
function madeDevice(
  netdev: NetworkdUnit,
  name: SourcedValue,
  network: NetworkdUnit | undefined,
  networks: readonly NetworkdUnit[],
): ConfiguredDevice {
  const kind = kindOf(netdev.values('NetDev', 'Kind').at(-1)?.value);
  const below = networks.find((each) => hasVlan(each, name.value));
  const vlan = { parent: below && parentIn(below), id: netdev.values('VLAN', 'Id').at(-1) };
  const settings = network ? settingsOf(network) : { ...nothing };
  return {
    ...settings,
    ...place(name, kind),
    ...(kind === 'vlan' ? { vlan } : {}),
    mac: netdev.values('NetDev', 'MACAddress').at(-1) ?? settings.mac,
    mtu: netdev.values('NetDev', 'MTUBytes').at(-1) ?? settings.mtu,
  };
}

/** A file that a VLAN device is named in. */
function hasVlan(network: NetworkdUnit, name: string): boolean {
  return network.values('Network', 'VLAN').some((setting) => wordsOf(setting).some(({ value }) => value === name));
}

/** A NIC that is not known by its name is called after its file. */
function parentIn(network: NetworkdUnit): SourcedValue {
  const name = matchedNames(network).find(({ value }) => !value.startsWith('!'));
  return name ?? { value: baseName(network.path), key: 'Match', path: network.path, line: 1 };
}

/** A device that a .netdev file makes, as [Match] sees it: a VLAN device inherits the MAC of its NIC. */
export function madeSubject(netdev: NetworkdUnit, name: string, networks: readonly NetworkdUnit[]): MatchSubject {
  const kind = netdev.values('NetDev', 'Kind').at(-1)?.value ?? '';
  const own = netdev.values('NetDev', 'MACAddress').map(({ value }) => value.toLowerCase());
  const inherited = networks.filter((each) => kind === 'vlan' && hasVlan(each, name)).flatMap(matchedMacs);
  return { name, kind, macs: own.length > 0 ? own : inherited.map(({ value }) => value.toLowerCase()) };
}

function kindOf(kind: string | undefined): DeviceKind {
  return kind === 'bridge' || kind === 'vlan' || kind === 'bond' ? kind : 'other';
}

type Settings = Omit<ConfiguredDevice, 'name' | 'kind' | 'path' | 'line' | 'vlan'>;

const nothing: Settings = { format: 'networkd', onBoot: true, addresses: [], gateways: [], ports: [] };

function settingsOf(network: NetworkdUnit): Settings {
  const last = (section: string, key: string): SourcedValue | undefined => network.values(section, key).at(-1);
  const dhcp = last('Network', 'DHCP');
  const boot = last('Link', 'ActivationPolicy') ?? last('Link', 'Unmanaged');
  const sections = network.sections('Address').flatMap((section) => {
    const address = section('Address');
    return address ? [{ ...addressIn(address), broadcast: section('Broadcast') }] : [];
  });
  return {
    ...nothing,
    onBoot: !/^(manual|down|always-down|yes|true|on|1)$/.test(boot?.value ?? ''),
    boot,
    addresses: [...network.values('Network', 'Address').map(addressIn), ...sections],
    dhcp: dhcp !== undefined && !/^(no|false|off|0|none)$/.test(dhcp.value) ? dhcp : undefined,
    gateways: [...network.values('Network', 'Gateway'), ...defaultRoutes(network)].filter(
      ({ value }) => !value.startsWith('_'),
    ),
    bridge: last('Network', 'Bridge'),
    bond: last('Network', 'Bond'),
    mac: last('Link', 'MACAddress'),
    mtu: last('Link', 'MTUBytes'),
  };
}

function defaultRoutes(network: NetworkdUnit): readonly SourcedValue[] {
  return network.sections('Route').flatMap((route) => {
    const gateway = route('Gateway');
    const isPlain = ['Metric', 'Table', 'GatewayOnLink'].every((key) => route(key) === undefined);
    const isDefault = [undefined, '0.0.0.0/0', '::/0'].includes(route('Destination')?.value);
    return gateway !== undefined && isPlain && isDefault ? [gateway] : [];
  });
}
