/** NetworkManager's keyfiles -> devices. Sources: nm-settings-keyfile(5), nm-settings(5). */
import { baseName, type ConfigOf } from '../config.ts';
import {
  dottedName,
  sourcedValue,
  wordsOf,
  type ConfiguredAddress,
  type ConfiguredDevice,
  type DeviceKind,
  type SourcedValue,
} from '../device.ts';

export type KeyfileValues = (section: string, key: string) => SourcedValue | undefined;

/** A profile's values; of a key that comes twice the last one counts. */
export function keyfileValues(config: ConfigOf<'networkmanager'>): KeyfileValues {
  return (section, key) => {
    const entries = config.parsed.sections
      .filter(({ name }) => sameSection(name, section))
      .flatMap((each) => each.entries);
    const entry = entries.findLast((each) => each.key === key);
    return entry === undefined || entry.value === '' ? undefined : sourcedValue(config, entry);
  };
}

/** The sections that have a long and a short name. */
const aliases: Readonly<Record<string, string>> = {
  '802-3-ethernet': 'ethernet',
  '802-11-wireless': 'wifi',
  '802-11-wireless-security': 'wifi-security',
};

/** `ethernet` for `802-3-ethernet`. */
export function sectionName(name: string): string {
  return aliases[name] ?? name;
}

function sameSection(name: string, other: string): boolean {
  return sectionName(name) === other;
}

export function keyfileDevices(configs: readonly ConfigOf<'networkmanager'>[]): readonly ConfiguredDevice[] {
  const profiles = configs.map((config) => ({ config, value: keyfileValues(config) }));
  /** Masters and parents may be named by the UUID of their profile. */
  const byUuid = (setting: SourcedValue | undefined): SourcedValue | undefined => {
    const profile = profiles.find(({ value }) => setting && value('connection', 'uuid')?.value === setting.value);
    const name = profile?.value('connection', 'interface-name');
    return setting && name ? { ...setting, value: name.value } : setting;
  };
  return profiles.map(({ config, value }) => {
    const name = value('connection', 'interface-name');
    const kind = kindOf(value('connection', 'type')?.value);
    const master = byUuid(value('connection', 'controller') ?? value('connection', 'master'));
    const portType = (value('connection', 'port-type') ?? value('connection', 'slave-type'))?.value;
    const boot = value('connection', 'autoconnect');
    const method = value('ipv4', 'method');
    const dotted = dottedName(name?.value ?? '');
    const parent = byUuid(value('vlan', 'parent')) ?? (name && dotted ? { ...name, value: dotted.parent } : undefined);
    return {
      format: 'networkmanager',
      name:
        name?.value ??
        vlanName(parent, value('vlan', 'id')) ??
        value('connection', 'id')?.value ??
        baseName(config.file.path),
      isTitle: name === undefined && vlanName(parent, value('vlan', 'id')) === undefined,
      kind,
      path: config.file.path,
      line: (name ?? value('connection', 'id'))?.line ?? 1,
      onBoot: !/^(false|no|off|0)$/.test(boot?.value ?? ''),
      boot,
      addresses: addressEntries(config).map(({ own }) => own),
      // NetworkManager requests no address on a port, regardless of its profile.
      dhcp: master === undefined && method?.value === 'auto' ? method : undefined,
      gateways: gatewaysOf(config, value),
      bridge: portType === 'bridge' ? master : undefined,
      bond: portType === 'bond' ? master : undefined,
      ...(kind === 'vlan' ? { vlan: { parent, id: value('vlan', 'id') } } : {}),
      ports: [],
      mac:
        value('ethernet', 'cloned-mac-address') ?? value('bridge', 'mac-address') ?? value('ethernet', 'mac-address'),
      mtu: value('ethernet', 'mtu'),
    };
  });
}

function kindOf(type: string | undefined): DeviceKind {
  if (type === 'bridge' || type === 'vlan' || type === 'bond') return type;
  return type === undefined || sectionName(type) === 'ethernet' ? 'ethernet' : 'other';
}

/** Without a name the device is called after its parent and ID. */
function vlanName(parent: SourcedValue | undefined, id: SourcedValue | undefined): string | undefined {
  return parent && id ? `${parent.value}.${id.value}` : undefined;
}

/** `address1=10.0.0.2/24`, with the gateway behind it `10.0.0.2/24,10.0.0.1`, in old files `10.0.0.2;24;10.0.0.1;`. */
function addressEntries(
  config: ConfigOf<'networkmanager'>,
): readonly { readonly own: ConfiguredAddress; readonly gateway: SourcedValue | undefined }[] {
  const sections = config.parsed.sections.filter(({ name }) => name === 'ipv4' || name === 'ipv6');
  const entries = sections.flatMap((section) => section.entries).filter(({ key }) => /^address(es)?\d*$/.test(key));
  return entries.flatMap((entry) => {
    const setting = sourcedValue(config, entry);
    const [address, ...more] = wordsOf(setting, /[\s,;/]+/);
    const mask = more.find(({ value }) => /^\d+$/.test(value));
    return address ? [{ own: { address, mask }, gateway: more.find((each) => each !== mask) }] : [];
  });
}

function gatewaysOf(config: ConfigOf<'networkmanager'>, value: KeyfileValues): readonly SourcedValue[] {
  const isNever = (family: string): boolean => /^(true|yes|on|1)$/.test(value(family, 'never-default')?.value ?? '');
  // 0 is the kernel's own, and -1 NetworkManager's.
  const hasMetric = !['0', '-1'].includes(value('ipv4', 'route-metric')?.value ?? '-1');
  const behind = addressEntries(config).flatMap(({ gateway }) => gateway ?? []);
  const own = ['ipv4', 'ipv6'].flatMap((family) => value(family, 'gateway') ?? []);
  const kept = [...behind, ...own].filter(({ value: address }) => !isNever(address.includes(':') ? 'ipv6' : 'ipv4'));
  return hasMetric ? kept.filter(({ value: address }) => address.includes(':')) : kept;
}
