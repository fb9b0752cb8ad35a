/** ifupdown's stanzas -> devices. Sources: interfaces(5), bridge-utils-interfaces(5), vlan-interfaces(5), ifenslave's README. */
import { groupBy } from '../../values/group-by.ts';
import type { ConfigOf } from '../config.ts';
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
import { globMatches } from '../../values/glob.ts';
import type { IfaceStanza } from './parse.ts';

/** A stanza with its file. */
export interface PlacedStanza extends IfaceStanza {
  readonly path: string;
}

/** All stanzas of a device: several are one device with several addresses. */
export interface InterfacesDevice {
  readonly name: string;
  readonly stanzas: readonly PlacedStanza[];
  readonly options: readonly SourcedValue[];
}

/** ifupdown hands `bridge_ports` and `bridge-ports` to its helpers as the same thing. */
export function optionName(key: string): string {
  return key.toLowerCase().replaceAll('_', '-');
}

/** Maximum number of templates of one device: more is a mistake or an attack. */
const mostTemplates = 100;

/** Returns devices with all options of their stanzas and of the templates that these inherit from. */
export function stanzasByDevice(configs: readonly ConfigOf<'ifupdown'>[]): readonly InterfacesDevice[] {
  const stanzas = configs.flatMap(({ file, parsed }) =>
    parsed.ifaces.map((stanza) => ({ ...stanza, path: file.path })),
  );
  const named = groupBy(stanzas, ({ name }) => name);
  const own = groupBy(
    stanzas.filter(({ keyword }) => keyword === 'iface'),
    ({ name }) => name,
  );
  return [...own].map(([name, mine]) => {
    const options = withTemplates(mine, named).flatMap(({ path, options: entries }) =>
      entries.map((entry) => sourcedValue({ file: { path, text: '' } }, entry)),
    );
    return { name, stanzas: mine, options };
  });
}

function withTemplates(
  mine: readonly PlacedStanza[],
  named: ReadonlyMap<string, readonly PlacedStanza[]>,
): readonly PlacedStanza[] {
  const all = new Set(mine);
  // Added ones are followed too.
  for (const { inherits } of all) {
    for (const template of (inherits === undefined ? undefined : named.get(inherits))?.slice(0, mostTemplates) ?? [])
      if (all.size < mine.length + mostTemplates) all.add(template);
  }
  return [...all];
}

export function interfacesDevices(configs: readonly ConfigOf<'ifupdown'>[]): readonly ConfiguredDevice[] {
  const classes = configs.flatMap(({ parsed }) => parsed.classes);
  const started = classes.filter(({ keyword }) => keyword === 'auto' || keyword.startsWith('allow-'));
  const isStarted = matcherOf(started.flatMap(({ names }) => names));
  return stanzasByDevice(configs).map((device) => {
    const { name, stanzas } = device;
    const option = (key: string): SourcedValue | undefined =>
      device.options.find((each) => optionName(each.key) === key);
    const kind = kindOf(device);
    const [first] = stanzas;
    const dhcp = stanzas.find(({ method }) => method === 'dhcp');
    return {
      format: 'ifupdown',
      name,
      kind,
      path: first?.path ?? '',
      line: first?.line ?? 1,
      onBoot: isStarted(name),
      addresses: stanzas.flatMap(addressesOf),
      dhcp: dhcp && { value: 'dhcp', key: 'iface', path: dhcp.path, line: dhcp.line },
      gateways: option('metric')
        ? []
        : device.options.filter(({ key, value }) => key === 'gateway' && value !== 'none'),
      bond: option('bond-master'),
      ...(kind === 'vlan' ? { vlan: vlanOf(device, option('vlan-raw-device'), option('vlan-id')) } : {}),
      ports: portsOf(option('bridge-ports') ?? option('bond-slaves')),
      mac: option('hwaddress') && hardwareAddress(option('hwaddress')),
      mtu: option('mtu'),
    };
  });
}

/** Bonds have slaves or a mode; ports of a bond have bond-master. */
function kindOf({ name, options }: InterfacesDevice): DeviceKind {
  const has = (pattern: RegExp): boolean => options.some(({ key }) => pattern.test(optionName(key)));
  if (name === 'lo' || name.includes(':')) return 'other';
  if (has(/^bridge-/)) return 'bridge';
  if (has(/^bond-(slaves|mode)$/)) return 'bond';
  if (has(/^vlan-(raw-device|id)$/) || dottedName(name)) return 'vlan';
  return 'ethernet';
}

function addressesOf(stanza: PlacedStanza): readonly ConfiguredAddress[] {
  if (stanza.method !== 'static') return [];
  const settings = stanza.options.map((entry) => sourcedValue({ file: { path: stanza.path, text: '' } }, entry));
  const netmask = settings.find(({ key }) => key === 'netmask');
  const broadcast = settings.find(({ key }) => key === 'broadcast');
  return settings
    .filter(({ key }) => key === 'address')
    .map(addressIn)
    .map(({ address, mask }) => ({ address, mask: mask ?? netmask, broadcast }));
}

function vlanOf(
  { name, stanzas: [first] }: InterfacesDevice,
  raw: SourcedValue | undefined,
  id: SourcedValue | undefined,
) {
  const dotted = dottedName(name);
  const number = dotted?.id ?? /^vlan0*(\d+)$/.exec(name)?.[1];
  const part = (value: string | undefined): SourcedValue | undefined =>
    value === undefined || !first ? undefined : { value, key: 'iface', path: first.path, line: first.line };
  return { parent: (raw?.value === 'auto' ? undefined : raw) ?? part(dotted?.parent), id: id ?? part(number) };
}

/** `none` is not a port, and a word after `regex` is not a name. */
function portsOf(setting: SourcedValue | undefined): readonly SourcedValue[] {
  const words = wordsOf(setting);
  const at = words.findIndex(({ value }) => value === 'regex' || value === 'noregex');
  return (at < 0 ? words : words.slice(0, at)).filter(({ value }) => value !== 'none' && value !== 'all');
}

/** `hwaddress ether 52:54:00:…`, or without the word. */
function hardwareAddress(setting: SourcedValue | undefined): SourcedValue | undefined {
  return setting && { ...setting, value: setting.value.replace(/^ether\s+/, '') };
}

/** True for names that one of the patterns matches; most are plain names, and are not tried one by one. */
export function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const bare = new Set(patterns.map(bareName));
  const globs = [...bare].filter((pattern) => /[*?[]/.test(pattern));
  return (name) => bare.has(name) || globs.some((pattern) => globMatches(pattern, name));
}

/** Names of `auto` may be shell patterns, which ifupdown marks by a slash: `auto /eth*`, `auto /eth0/`. */
function bareName(pattern: string): string {
  return pattern.replace(/^\//, '').split(/[/=]/)[0] ?? '';
}
