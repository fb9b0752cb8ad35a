/**
 * ifupdown's stanzas. Sources: interfaces(5); bridge-utils-interfaces(5), vlan-interfaces(5), and ifenslave's README.Debian for options of devices
 * that are made.
 */
import { configsOf, readConfig, type ConfigOf } from '../config.ts';
import { matcherOf, optionName, stanzasByDevice } from './read.ts';
import type { ConfigEntry } from '../file.ts';
import type { IfaceStanza } from './parse.ts';
import { wordsOf, sourcedValue } from '../device.ts';
import { isDefaultRoute } from '../../values/route.ts';
import {
  addressesOf,
  bridgeDefaults,
  isIpv6,
  otherRoutes,
  plainGateway,
  prefixOf,
  type PersistDevice,
  type PersistRoute,
} from '../persist-device.ts';
import { fileChange, topMaster, isOurs, resolverOf, type Renderer, type Resolver } from '../file-change.ts';
import { foreignLines, rangeOf, removeFromClasses } from './edit.ts';
import { LineEdit } from '../line-edit.ts';

const main = '/etc/network/interfaces';
const own = '/etc/network/interfaces.d/kvmnet';

/**
 * A device that has stanzas gets others in their place, with all lines that are not ours; a new one goes to a file of its own where interfaces has
 * a `source` for it, else to its end.
 */
export const renderIfupdown: Renderer = (model, present) => {
  const configs = configsOf(present.configs, 'ifupdown');
  const edits = new Map(configs.map(({ file }) => [file.path, new LineEdit(file.text)]));
  const editOf = (path: string): LineEdit => {
    const edit = edits.get(path) ?? new LineEdit('');
    edits.set(path, edit);
    return edit;
  };
  const home = placeOfNew(configs);
  if (configs.length === 0) editOf(main).append(['auto lo', 'iface lo inet loopback']);
  for (const device of model.devices) {
    const resolver = resolverOf(device, model.devices, (name) => resolverIn(configs, name));
    const stanzas = stanzasOf(device, resolver);
    if (!isUpToDate(configs, device.name, stanzas)) place(device.name, stanzas, { configs, editOf, home });
  }
  for (const name of model.gone) remove(name, { configs, editOf, home });
  const changes = [...edits].flatMap(([path, edit]) => {
    const text = edit.text();
    return fileChange(present, path, text === '' && isOurs(path) ? null : text, 0o644);
  });
  return { changes, warnings: [...model.devices.flatMap(limitations), ...hookWarnings(configs, model.devices)] };
};

interface Files {
  readonly configs: readonly ConfigOf<'ifupdown'>[];
  readonly editOf: (path: string) => LineEdit;
  /** Where new stanzas go. */
  readonly home: string;
}

function placeOfNew(configs: readonly ConfigOf<'ifupdown'>[]): string {
  const includes = configs.find(({ file }) => file.path === main)?.parsed.includes ?? [];
  const isRead = includes.some(({ keyword, pattern }) => {
    const absolute = pattern.startsWith('/') ? pattern : `/etc/network/${pattern}`;
    return keyword === 'source'
      ? absolute === '/etc/network/interfaces.d/*'
      : absolute.replace(/\/$/, '') === '/etc/network/interfaces.d';
  });
  return isRead ? own : main;
}

/** `iface NAME inet METHOD` with its options. */
interface Stanza {
  readonly header: string;
  readonly options: readonly (readonly [key: string, value: string])[];
}

function stanzasOf(device: PersistDevice, { servers, domains }: Resolver): readonly Stanza[] {
  const made = madeOptions(device);
  const hooks = otherRoutes(device).map((route) => ['up', routeCommand(device.name, route)] as const);
  const dns = [
    ...(servers.length === 0 ? [] : [['dns-nameservers', servers.join(' ')] as const]),
    ...(domains.length === 0 ? [] : [['dns-search', domains.join(' ')] as const]),
  ];
  const [first, ...more] = [...familyStanzas(device, 4), ...familyStanzas(device, 6)];
  const base = first ?? { header: `iface ${device.name} inet manual`, options: [] };
  return [{ ...base, options: [...base.options, ...made, ...hooks, ...dns] }, ...more];
}

function familyStanzas(device: PersistDevice, family: 4 | 6): readonly Stanza[] {
  const inet = family === 4 ? 'inet' : 'inet6';
  const header = (method: string): string => `iface ${device.name} ${inet} ${method}`;
  const gateway = plainGateway(device, family)?.gateway;
  const dynamic = family === 4 ? device.dhcp4 && 'dhcp' : device.dhcp6 ? 'dhcp' : device.acceptRa && 'auto';
  const addressed = addressesOf(device, family).map((address, index) => ({
    header: header('static'),
    options: [
      ['address', address],
      ...(index === 0 && gateway !== undefined ? [['gateway', gateway] as const] : []),
    ] as const,
  }));
  return [...(dynamic === false ? [] : [{ header: header(dynamic), options: [] }]), ...addressed];
}

function madeOptions({ name, bridge, bond, vlan, mac, mtu }: PersistDevice): Stanza['options'] {
  return [
    ...(vlan ? vlanOptions(name, vlan) : []),
    ...(bond ? bondOptions(bond) : []),
    ...(bridge ? bridgeOptions(bridge) : []),
    ...(mac === undefined ? [] : [[bridge ? 'bridge_hw' : 'hwaddress', mac] as const]),
    ...(mtu === undefined ? [] : [['mtu', String(mtu)] as const]),
  ];
}

/** The vlan package knows the ID by the name, and no other names than these. */
function vlanOptions(name: string, { parent, id }: NonNullable<PersistDevice['vlan']>): Stanza['options'] {
  if (name === `${parent}.${String(id)}` || name === `vlan${String(id)}`) return [['vlan-raw-device', parent]];
  return [
    ['pre-up', `ip link add link ${parent} name ${name} type vlan id ${String(id)}`],
    ['post-down', `ip link delete ${name}`],
  ];
}

function bondOptions({ ports, mode, miimon, primary }: NonNullable<PersistDevice['bond']>): Stanza['options'] {
  return [
    ['bond-slaves', ports.join(' ') || 'none'],
    ['bond-mode', mode],
    ['bond-miimon', String(miimon)],
    ...(primary === undefined ? [] : [['bond-primary', primary] as const]),
  ];
}

function bridgeOptions(bridge: NonNullable<PersistDevice['bridge']>): Stanza['options'] {
  const unless = (value: number, usual: number, key: string): Stanza['options'] =>
    value === usual ? [] : [[key, String(value)]];
  return [
    ['bridge_ports', bridge.ports.join(' ') || 'none'],
    ['bridge_stp', bridge.stp ? 'on' : 'off'],
    ['bridge_fd', String(bridge.forwardDelay)],
    // Ports that have no link yet do not hold the boot up.
    ['bridge_waitport', '0'],
    ['bridge_maxwait', '0'],
    ...unless(bridge.helloTime, bridgeDefaults.helloTime, 'bridge_hello'),
    ...unless(bridge.maxAge, bridgeDefaults.maxAge, 'bridge_maxage'),
    ...unless(bridge.ageingTime, bridgeDefaults.ageingTime, 'bridge_ageing'),
    ...unless(bridge.priority, bridgeDefaults.priority, 'bridge_bridgeprio'),
    ...(bridge.vlanFiltering ? [['bridge_vlan_aware', 'yes'] as const] : []),
  ];
}

function routeCommand(dev: string, route: PersistRoute): string {
  const { destination, gateway, metric, source, onlink } = route;
  const family = isIpv6(destination) ? ['-6'] : [];
  return [
    ...['ip', ...family, 'route', 'replace', isDefaultRoute(route) ? 'default' : destination],
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...['dev', dev],
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(source === undefined ? [] : ['src', source]),
    ...(onlink ? ['onlink'] : []),
  ].join(' ');
}

/** Options that kvmnet's stanza writes or deliberately omits. */
function isManaged(name: string): (option: ConfigEntry) => boolean {
  return ({ key, value }) =>
    /^(address|netmask|broadcast|network|gateway|metric|mtu|hwaddress|dns-(nameservers?|search|domain)|vlan-(raw-device|id))$/.test(
      optionName(key),
    ) ||
    /^(bridge|bond)-/.test(optionName(key)) ||
    isOurCommand(name, value);
}

/** A hook that a stanza of ours has, or could have had. */
function isOurCommand(name: string, value: string): boolean {
  return new RegExp(
    `^ip (link (add link \\S+ name ${name} type vlan id \\d+|delete ${name})|(-6 )?route (add|replace) .* dev (${name}|\\$IFACE)\\b.*)$`,
  ).test(value);
}

/** True if the present stanzas mean the same, in any spelling. */
function isUpToDate(configs: readonly ConfigOf<'ifupdown'>[], name: string, stanzas: readonly Stanza[]): boolean {
  const there = stanzasByDevice(configs).find((device) => device.name === name);
  if (!there || !isStarted(configs, name)) return false;
  const desired = readConfig({ path: main, text: textOf(stanzas).join('\n') }, 'ifupdown') as ConfigOf<'ifupdown'>;
  const isInherited = there.stanzas.some(({ inherits }) => inherits !== undefined);
  return !isInherited && normalized(name, there.stanzas) === normalized(name, desired.parsed.ifaces);
}

function isStarted(configs: readonly ConfigOf<'ifupdown'>[], name: string): boolean {
  return configs
    .flatMap(({ parsed }) => parsed.classes)
    .some(({ keyword, names }) => /^(auto|allow-(auto|hotplug))$/.test(keyword) && matcherOf(names)(name));
}

/** Returns the options of stanzas in one spelling. Ignores how long a bridge waits for its ports, which is the user's choice. */
function normalized(name: string, stanzas: readonly IfaceStanza[]): string {
  return stanzas
    .flatMap((stanza) => [`${String(stanza.family)} ${String(stanza.method)}`, ...normalizedOptions(name, stanza)])
    .filter((each) => each !== 'inet manual')
    .sort()
    .join('\n');
}

const ignoredOptions: readonly string[] = ['broadcast', 'network', 'netmask', 'bridge-waitport', 'bridge-maxwait'];

function normalizedOptions(name: string, { options }: IfaceStanza): readonly string[] {
  const netmask = options.find(({ key }) => key === 'netmask')?.value;
  return options
    .filter(isManaged(name))
    .filter(({ key }) => !ignoredOptions.includes(optionName(key)))
    .map(({ key, value }) => {
      if (key === 'address' && !value.includes('/')) return `address ${value}/${String(prefixOf(netmask) ?? '')}`;
      const words = value
        .toLowerCase()
        .replace(/^ether\s+/, '')
        .split(/\s+/);
      return `${optionName(key)} ${words.map(switchWord).sort().join(' ')}`;
    });
}

function switchWord(word: string): string {
  if (word === 'yes' || word === 'true') return 'on';
  return word === 'no' || word === 'false' ? 'off' : word;
}

function textOf(stanzas: readonly Stanza[]): readonly string[] {
  return stanzas.flatMap(({ header, options }) => [header, ...options.map(([key, value]) => `    ${key} ${value}`)]);
}

function place(name: string, stanzas: readonly Stanza[], { configs, editOf, home }: Files): void {
  const auto = isStarted(configs, name) ? [] : [`auto ${name}`];
  const there = stanzasByDevice(configs).find((device) => device.name === name)?.stanzas ?? [];
  const [first] = there;
  if (!first) {
    editOf(home).append([...auto, ...textOf(stanzas)]);
    return;
  }
  const kept = there.flatMap((stanza) => foreignLines(editOf(stanza.path), stanza, isManaged(name)));
  const [head, ...more] = stanzas;
  const text = head ? [...auto, ...textOf([head]), ...kept, ...textOf(more)] : [];
  for (const stanza of there) {
    const edit = editOf(stanza.path);
    edit.replace(...rangeOf(edit, stanza), stanza === first ? text : []);
  }
}

function remove(name: string, { configs, editOf }: Files): void {
  for (const stanza of stanzasByDevice(configs).find((device) => device.name === name)?.stanzas ?? []) {
    const edit = editOf(stanza.path);
    edit.replace(...rangeOf(edit, stanza), []);
  }
  for (const { file, parsed } of configs) removeFromClasses(editOf(file.path), parsed, name);
}

function resolverIn(configs: readonly ConfigOf<'ifupdown'>[], name: string): Resolver {
  const options = stanzasByDevice(configs).find((device) => device.name === name)?.options ?? [];
  const words = (pattern: RegExp): readonly string[] =>
    options
      .filter(({ key }) => pattern.test(optionName(key)))
      .flatMap((each) =>
        wordsOf(sourcedValue({ file: { path: each.path, text: '' } }, each)).map(({ value }) => value),
      );
  return { servers: words(/^dns-nameservers?$/), domains: words(/^dns-(search|domain)$/) };
}

/** Settings that ifupdown cannot express. */
function limitations({ name, vlan, bridge }: PersistDevice): readonly string[] {
  return [
    ...(vlan && vlan.protocol !== '802.1Q'
      ? [`${name} will be a VLAN of 802.1Q: ifupdown does not support ${vlan.protocol}`]
      : []),
    ...(bridge?.vlanFiltering ? [`the VLANs of ${name}'s ports are not written: ifupdown gives each port VLAN 1`] : []),
  ];
}

/** Commands of a NIC that is now a port stay with it: only who wrote them knows what they are for. */
function hookWarnings(configs: readonly ConfigOf<'ifupdown'>[], devices: readonly PersistDevice[]): readonly string[] {
  return devices
    .filter((device) => topMaster(device, devices) !== device)
    .flatMap(({ name }) => {
      const stanzas = stanzasByDevice(configs).find((device) => device.name === name)?.stanzas ?? [];
      return stanzas.flatMap(({ path, options }) =>
        options
          .filter(
            ({ key, value }) =>
              /^(pre-)?up$|^(pre-|post-)?down$/.test(key) &&
              /\b(addr|route)\b/.test(value) &&
              !isOurCommand(name, value),
          )
          .map(
            ({ line, value }) =>
              `${path}:${String(line)}: "${value}" stays with ${name}, which is a port of a bridge or bond now: look whether it should`,
          ),
      );
    });
}
