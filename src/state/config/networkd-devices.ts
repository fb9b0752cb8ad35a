/** systemd-networkd's files -> devices. Sources: systemd.network(5), systemd.netdev(5). */
import { baseName, type ConfigOf } from './config.ts';
import { addressIn, saidIn, wordsOf, type ConfiguredDevice, type DeviceKind, type Said } from './device.ts';
import { globMatches } from './glob.ts';

/** One unit: a file with its drop-ins, which add to it. */
export interface NetworkdUnit {
  readonly path: string;
  readonly values: (section: string, key: string) => readonly Said[];
  /** Each `[Route]` or `[Address]` by itself. */
  readonly sections: (name: string) => readonly ((key: string) => Said | undefined)[];
}

export function networkdUnits(
  configs: readonly ConfigOf<'networkd'>[],
  suffix: 'network' | 'netdev',
): readonly NetworkdUnit[] {
  const own = configs.filter(({ file }) => file.path.endsWith(`.${suffix}`));
  const sorted = [...own].sort((a, b) => (baseName(a.file.path) < baseName(b.file.path) ? -1 : 1));
  return sorted.map((config) => {
    const dropIns = configs.filter(({ file }) => file.path.includes(`/${baseName(config.file.path)}.d/`));
    const sections = [config, ...dropIns].flatMap((each) =>
      each.parsed.sections.map(({ name, entries }) => ({ name, said: entries.map((entry) => saidIn(each, entry)) })),
    );
    const named = (name: string): readonly (readonly Said[])[] =>
      sections.filter((section) => section.name === name).map(({ said }) => said);
    return {
      path: config.file.path,
      values: (section, key) =>
        sinceReset(
          named(section)
            .flat()
            .filter((each) => each.key === key),
        ),
      sections: (name) => named(name).map((said) => (key: string) => said.findLast((each) => each.key === key)),
    };
  });
}

/** An empty value takes back all that were said before it. */
function sinceReset(said: readonly Said[]): readonly Said[] {
  return said.slice(said.findLastIndex(({ value }) => value === '') + 1);
}

/** The names that a .network file is for. */
export function matchedNames(unit: NetworkdUnit): readonly Said[] {
  return unit.values('Match', 'Name').flatMap((said) => wordsOf(said));
}

function isFor(unit: NetworkdUnit, name: string): boolean {
  return matchedNames(unit).some(({ value }) => !value.startsWith('!') && globMatches(value, name));
}

export function networkdDevices(configs: readonly ConfigOf<'networkd'>[]): readonly ConfiguredDevice[] {
  const networks = networkdUnits(configs, 'network');
  const made = networkdUnits(configs, 'netdev').flatMap((netdev) => {
    const name = netdev.values('NetDev', 'Name').at(-1);
    if (name === undefined) return [];
    return [
      madeDevice(
        netdev,
        name,
        networks.find((network) => isFor(network, name.value)),
        networks,
      ),
    ];
  });
  const others = networks.flatMap((network) => {
    const matched = matchedNames(network);
    const plain = matched.filter(
      ({ value }) => !value.startsWith('!') && !made.some((device) => globMatches(value, device.name)),
    );
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
  { value, path, line }: Said,
  kind: DeviceKind,
): Pick<ConfiguredDevice, 'name' | 'kind' | 'path' | 'line'> {
  return { name: value, kind, path, line };
}

/** A device of a .netdev file, with the settings of the first .network file that is for it. */
function madeDevice(
  netdev: NetworkdUnit,
  name: Said,
  network: NetworkdUnit | undefined,
  networks: readonly NetworkdUnit[],
): ConfiguredDevice {
  const kind = kindOf(netdev.values('NetDev', 'Kind').at(-1)?.value);
  const below = networks.find((each) =>
    each.values('Network', 'VLAN').some((said) => wordsOf(said).some(({ value }) => value === name.value)),
  );
  const vlan = { parent: below && matchedNames(below)[0], id: netdev.values('VLAN', 'Id').at(-1) };
  const settings = network ? settingsOf(network) : { ...nothing };
  return {
    ...settings,
    ...place(name, kind),
    ...(kind === 'vlan' ? { vlan } : {}),
    mac: netdev.values('NetDev', 'MACAddress').at(-1) ?? settings.mac,
    mtu: netdev.values('NetDev', 'MTUBytes').at(-1) ?? settings.mtu,
  };
}

function kindOf(kind: string | undefined): DeviceKind {
  return kind === 'bridge' || kind === 'vlan' || kind === 'bond' ? kind : 'other';
}

type Settings = Omit<ConfiguredDevice, 'name' | 'kind' | 'path' | 'line' | 'vlan'>;

const nothing: Settings = { format: 'networkd', onBoot: true, addresses: [], gateways: [], ports: [] };

function settingsOf(network: NetworkdUnit): Settings {
  const last = (section: string, key: string): Said | undefined => network.values(section, key).at(-1);
  const dhcp = last('Network', 'DHCP');
  const boot = last('Link', 'ActivationPolicy') ?? last('Link', 'Unmanaged');
  const addresses = [...network.values('Network', 'Address'), ...network.values('Address', 'Address')];
  return {
    ...nothing,
    onBoot: !/^(manual|down|always-down|yes|true|on|1)$/.test(boot?.value ?? ''),
    boot,
    addresses: addresses.map(addressIn),
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

function defaultRoutes(network: NetworkdUnit): readonly Said[] {
  return network.sections('Route').flatMap((route) => {
    const gateway = route('Gateway');
    const isPlain = ['Metric', 'Table', 'GatewayOnLink'].every((key) => route(key) === undefined);
    const isDefault = [undefined, '0.0.0.0/0', '::/0'].includes(route('Destination')?.value);
    return gateway !== undefined && isPlain && isDefault ? [gateway] : [];
  });
}
