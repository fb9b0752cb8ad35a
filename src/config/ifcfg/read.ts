/** ifcfg files -> devices. Sources: sysconfig.txt and ifup of initscripts; nm-settings-ifcfg-rh(5). */
import { baseName, type ConfigOf } from '../config.ts';
import {
  addressIn,
  dottedName,
  sourcedValue,
  wordsOf,
  type ConfiguredAddress,
  type ConfiguredDevice,
  type DeviceKind,
  type SourcedValue,
} from '../device.ts';

/** A file's values by their keys: of a key that comes twice the last one counts. */
export type IfcfgValues = (key: string) => SourcedValue | undefined;

/** An empty value is as good as none. */
export function ifcfgValues(config: ConfigOf<'ifcfg'>): IfcfgValues {
  return (key) => {
    const entry = config.parsed.entries.findLast((each) => each.key === key);
    return entry === undefined || entry.value === '' ? undefined : sourcedValue(config, entry);
  };
}

/** is_true of initscripts. */
export function isTrue(setting: SourcedValue | undefined): boolean {
  return /^(y|yes|t|true|on|1)$/i.test(setting?.value ?? '');
}

/** is_false of initscripts. */
export function isFalse(setting: SourcedValue | undefined): boolean {
  return /^(n|no|f|false|off|0)$/i.test(setting?.value ?? '');
}

/** `br0` of `ifcfg-br0`. */
export function ifcfgName(path: string): string {
  return baseName(path).replace(/^ifcfg-/, '');
}

export function ifcfgDevices(configs: readonly ConfigOf<'ifcfg'>[]): readonly ConfiguredDevice[] {
  return configs.map((config) => {
    const value = ifcfgValues(config);
    const device = value('DEVICE');
    const name = device?.value ?? ifcfgName(config.file.path);
    const kind = kindOf(value, name);
    const bootproto = value('BOOTPROTO');
    const isSlave = isTrue(value('SLAVE'));
    return {
      format: 'ifcfg',
      name,
      isTitle: device === undefined,
      kind,
      path: config.file.path,
      line: device?.line ?? 1,
      onBoot: !isFalse(value('ONBOOT')),
      boot: value('ONBOOT'),
      addresses: addressesOf(value, config),
      dhcp: /^(dhcp|bootp)$/i.test(bootproto?.value ?? '')
        ? bootproto
        : isTrue(value('DHCPV6C'))
          ? value('DHCPV6C')
          : undefined,
      gateways: gatewaysOf(value, config),
      bridge: value('BRIDGE'),
      bond: isSlave || value('SLAVE') === undefined ? value('MASTER') : undefined,
      ...(kind === 'vlan' ? { vlan: vlanOf(value, name, device) } : {}),
      ports: [],
      mac: value('MACADDR') ?? value('HWADDR'),
      mtu: value('MTU'),
    };
  });
}

function kindOf(value: IfcfgValues, name: string): DeviceKind {
  if (name.includes(':')) return 'other';
  if (isTrue(value('VLAN'))) return 'vlan';
  const type = value('TYPE')?.value.toLowerCase() ?? 'ethernet';
  if (type === 'bridge' || type === 'vlan' || type === 'bond') return type;
  if (value('BONDING_OPTS') || isTrue(value('BONDING_MASTER'))) return 'bond';
  return type === 'ethernet' ? 'ethernet' : 'other';
}

/** IPADDR, IPADDR0, IPADDR1, … each with the NETMASK or PREFIX of its number. */
function addressesOf(value: IfcfgValues, { file, parsed }: ConfigOf<'ifcfg'>): readonly ConfiguredAddress[] {
  const numbers = parsed.entries.flatMap(({ key }) => /^IPADDR(\d*)$/.exec(key)?.[1] ?? []);
  const ipv4 = [...new Set(numbers)].flatMap((number) => {
    const address = value(`IPADDR${number}`);
    const mask = value(`PREFIX${number}`) ?? value(`NETMASK${number}`);
    return address ? [{ address, mask, broadcast: value(`BROADCAST${number}`) }] : [];
  });
  const ipv6 = parsed.entries.filter(({ key }) => key === 'IPV6ADDR' || key === 'IPV6ADDR_SECONDARIES');
  return [...ipv4, ...ipv6.flatMap((entry) => wordsOf(sourcedValue({ file }, entry))).map(addressIn)];
}

function gatewaysOf(value: IfcfgValues, { file, parsed }: ConfigOf<'ifcfg'>): readonly SourcedValue[] {
  const keys = [
    ...(isFalse(value('DEFROUTE')) || value('METRIC') ? [] : [/^GATEWAY\d*$/]),
    ...(isFalse(value('IPV6_DEFROUTE')) ? [] : [/^IPV6_DEFAULTGW$/]),
  ];
  return parsed.entries
    .filter(({ key, value: text }) => text !== '' && keys.some((pattern) => pattern.test(key)))
    .map((entry) => sourcedValue({ file }, { ...entry, value: entry.value.replace(/%.*/, '') }));
}

/** VID and a dotted name count for initscripts, VLAN_ID for NetworkManager. */
function vlanOf(
  value: IfcfgValues,
  name: string,
  device: SourcedValue | undefined,
): NonNullable<ConfiguredDevice['vlan']> {
  const dotted = dottedName(name);
  const numbered = /^vlan0*(\d+)$/.exec(name)?.[1];
  const part = (text: string | undefined): SourcedValue | undefined =>
    device === undefined || text === undefined ? undefined : { ...device, value: text };
  return {
    parent: value('PHYSDEV') ?? part(dotted?.parent),
    id: value('VID') ?? value('VLAN_ID') ?? part(dotted?.id ?? numbered),
  };
}
