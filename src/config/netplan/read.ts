/** netplan's documents -> devices. Source: netplan-yaml(5). */
import type { ConfigOf } from '../config.ts';
import { addressIn, type ConfiguredDevice, type DeviceKind, type SourcedValue } from '../device.ts';
import { valueAt, type YamlEntry, type YamlValue } from './parse.ts';

/** The maps below `network:` that define devices, and what they define. */
const netplanKinds: Readonly<Record<string, DeviceKind>> = {
  ethernets: 'ethernet',
  bridges: 'bridge',
  bonds: 'bond',
  vlans: 'vlan',
  wifis: 'other',
  tunnels: 'other',
  vrfs: 'other',
  modems: 'other',
  'dummy-devices': 'other',
  'virtual-ethernets': 'other',
  'nm-devices': 'other',
};

/** A definition: several files may add to one device. */
export interface NetplanDefinition {
  readonly name: string;
  /** The map that contains it, such as `bridges`. */
  readonly map: string;
  readonly kind: DeviceKind;
  readonly path: string;
  readonly line: number;
  readonly value: YamlValue;
}

export function netplanDefinitions(configs: readonly ConfigOf<'netplan'>[]): readonly NetplanDefinition[] {
  return configs.flatMap(({ file, parsed }) =>
    Object.entries(netplanKinds).flatMap(([key, kind]) =>
      entriesOf(valueAt(parsed.root, 'network', key))
        .filter(({ key: name }) => name !== 'renderer')
        .map(({ key: name, line, value }) => ({ name, map: key, kind, path: file.path, line, value })),
    ),
  );
}

/** The entries of a map; none of anything else. */
export function entriesOf(value: YamlValue | undefined): readonly YamlEntry[] {
  return value?.kind === 'map' ? value.entries : [];
}

function itemsOf(value: YamlValue | undefined): readonly YamlValue[] {
  return value?.kind === 'list' ? value.items : [];
}

export function netplanDevices(configs: readonly ConfigOf<'netplan'>[]): readonly ConfiguredDevice[] {
  const definitions = netplanDefinitions(configs);
  return [...new Set(definitions.map(({ name }) => name))].flatMap((name) => {
    const parts = definitions.filter((definition) => definition.name === name);
    const [first] = parts;
    return first ? [deviceOf(first, parts)] : [];
  });
}

function deviceOf(first: NetplanDefinition, parts: readonly NetplanDefinition[]): ConfiguredDevice {
  /** Of a key that two files have the later one counts. */
  const valueOf = (...path: readonly string[]): SourcedValue | undefined =>
    parts.flatMap((part) => scalarAt(part, valueAt(part.value, ...path), path.join('.'))).at(-1);
  const isOn = (each: SourcedValue | undefined): boolean => /^(true|yes|on|y)$/i.test(each?.value ?? '');
  const dhcp = [valueOf('dhcp4'), valueOf('dhcp6')].find(isOn);
  const boot = valueOf('activation-mode');
  const below = { parent: valueOf('link'), id: valueOf('id') };
  return {
    format: 'netplan',
    name: first.name,
    isTitle: first.kind === 'ethernet' && parts.some((part) => valueAt(part.value, 'match')),
    kind: first.kind,
    path: first.path,
    line: first.line,
    onBoot: boot === undefined,
    boot,
    addresses: parts.flatMap(addressesOf),
    dhcp,
    gateways: [
      ...[valueOf('gateway4'), valueOf('gateway6')].flatMap((each) => each ?? []),
      ...parts.flatMap(defaultRoutes),
    ],
    ...(first.kind === 'vlan' ? { vlan: below } : {}),
    ports: first.kind === 'bridge' || first.kind === 'bond' ? parts.flatMap((part) => listAt(part, 'interfaces')) : [],
    mac: valueOf('macaddress'),
    mtu: valueOf('mtu'),
  };
}

function scalarAt({ path }: NetplanDefinition, value: YamlValue | undefined, key: string): readonly SourcedValue[] {
  return value?.kind === 'scalar' ? [{ value: value.text, key, path, line: value.line }] : [];
}

/** The names of a list, each in its line. */
export function listAt(part: NetplanDefinition, key: string): readonly SourcedValue[] {
  return itemsOf(valueAt(part.value, key)).flatMap((item) => scalarAt(part, item, key));
}

/** `- 10.0.0.2/24`, or a map of it with options: `- 10.0.0.2/24: {label: …}`. */
function addressesOf(part: NetplanDefinition) {
  return itemsOf(valueAt(part.value, 'addresses')).flatMap((item) => {
    if (item.kind === 'scalar') return scalarAt(part, item, 'addresses').map(addressIn);
    return entriesOf(item).map(({ key, line }) => addressIn({ value: key, key: 'addresses', path: part.path, line }));
  });
}

function defaultRoutes(part: NetplanDefinition): readonly SourcedValue[] {
  return itemsOf(valueAt(part.value, 'routes')).flatMap((route) => {
    const to = valueAt(route, 'to');
    const isDefault = to?.kind === 'scalar' && ['default', '0.0.0.0/0', '::/0', '0/0'].includes(to.text);
    const isPlain = ['metric', 'table', 'on-link'].every((key) => valueAt(route, key) === undefined);
    return isDefault && isPlain ? scalarAt(part, valueAt(route, 'via'), 'via') : [];
  });
}
