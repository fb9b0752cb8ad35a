/** ifupdown's stanzas -> devices. Sources: interfaces(5), bridge-utils-interfaces(5), vlan-interfaces(5), ifenslave's README. */
import type { ConfigOf } from './config.ts';
import {
  addressIn,
  dottedName,
  saidIn,
  wordsOf,
  type ConfiguredAddress,
  type ConfiguredDevice,
  type DeviceKind,
  type Said,
} from './device.ts';
import { globMatches } from './glob.ts';
import type { IfaceStanza } from './interfaces.ts';

/** A stanza with its file. */
export interface PlacedStanza extends IfaceStanza {
  readonly path: string;
}

/** All stanzas of a device: several are one device with several addresses. */
export interface InterfacesDevice {
  readonly name: string;
  readonly stanzas: readonly PlacedStanza[];
  readonly options: readonly Said[];
}

/** ifupdown hands `bridge_ports` and `bridge-ports` to its helpers as the same thing. */
export function optionName(key: string): string {
  return key.toLowerCase().replaceAll('_', '-');
}

/** Devices with all that their stanzas say, and the templates that these inherit from. */
export function stanzasByDevice(configs: readonly ConfigOf<'ifupdown'>[]): readonly InterfacesDevice[] {
  const stanzas = configs.flatMap(({ file, parsed }) =>
    parsed.ifaces.map((stanza) => ({ ...stanza, path: file.path })),
  );
  const own = stanzas.filter(({ keyword }) => keyword === 'iface');
  const inherited = (stanza: PlacedStanza, seen: readonly PlacedStanza[]): readonly PlacedStanza[] => {
    const templates = stanzas.filter((each) => each.name === stanza.inherits && !seen.includes(each));
    return [stanza, ...templates.flatMap((each) => inherited(each, [...seen, stanza, ...templates]))];
  };
  return [...new Set(own.map(({ name }) => name))].map((name) => {
    const mine = own.filter((stanza) => stanza.name === name);
    const all = mine.flatMap((stanza) => inherited(stanza, []));
    const options = all.flatMap(({ path, options: entries }) =>
      entries.map((entry) => saidIn({ file: { path, text: '' } }, entry)),
    );
    return { name, stanzas: mine, options };
  });
}

export function interfacesDevices(configs: readonly ConfigOf<'ifupdown'>[]): readonly ConfiguredDevice[] {
  const classes = configs.flatMap(({ parsed }) => parsed.classes);
  const started = classes.filter(({ keyword }) => keyword === 'auto' || keyword.startsWith('allow-'));
  return stanzasByDevice(configs).map((device) => {
    const { name, stanzas } = device;
    const option = (key: string): Said | undefined => device.options.find((each) => optionName(each.key) === key);
    const kind = kindOf(device);
    const [first] = stanzas;
    const dhcp = stanzas.find(({ method }) => method === 'dhcp');
    return {
      format: 'ifupdown',
      name,
      kind,
      path: first?.path ?? '',
      line: first?.line ?? 1,
      onBoot: started.some(({ names }) => names.some((pattern) => matches(pattern, name))),
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

/** Bonds say their slaves or their mode; ports of a bond say bond-master. */
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
  const said = stanza.options.map((entry) => saidIn({ file: { path: stanza.path, text: '' } }, entry));
  const netmask = said.find(({ key }) => key === 'netmask');
  return said
    .filter(({ key }) => key === 'address')
    .map(addressIn)
    .map(({ address, mask }) => ({ address, mask: mask ?? netmask }));
}

function vlanOf({ name, stanzas: [first] }: InterfacesDevice, raw: Said | undefined, id: Said | undefined) {
  const dotted = dottedName(name);
  const number = dotted?.id ?? /^vlan0*(\d+)$/.exec(name)?.[1];
  const part = (value: string | undefined): Said | undefined =>
    value === undefined || !first ? undefined : { value, key: 'iface', path: first.path, line: first.line };
  return { parent: (raw?.value === 'auto' ? undefined : raw) ?? part(dotted?.parent), id: id ?? part(number) };
}

/** `none` is no port, and what follows `regex` is no name. */
function portsOf(said: Said | undefined): readonly Said[] {
  const words = wordsOf(said);
  const at = words.findIndex(({ value }) => value === 'regex' || value === 'noregex');
  return (at < 0 ? words : words.slice(0, at)).filter(({ value }) => value !== 'none' && value !== 'all');
}

/** `hwaddress ether 52:54:00:…`, or without the word. */
function hardwareAddress(said: Said | undefined): Said | undefined {
  return said && { ...said, value: said.value.replace(/^ether\s+/, '') };
}

/** Names of `auto` may be shell patterns, which ifupdown marks by a slash: `auto /eth*`, `auto /eth0/`. */
export function matches(pattern: string, name: string): boolean {
  const [bare = ''] = pattern.replace(/^\//, '').split(/[/=]/);
  return globMatches(bare, name);
}
