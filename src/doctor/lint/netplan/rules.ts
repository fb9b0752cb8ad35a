/** Rules of netplan about the keys of one definition together, as a table. Source: parse.c, validation.c, networkd.c and nm.c of netplan 0.106. */
import { isIPv4 } from 'node:net';
import { configsOf, type Config } from '../../../config/config.ts';
import { netplanDefinitions, type NetplanDefinition } from '../../../config/netplan/read.ts';
import { valueAt, type YamlValue } from '../../../config/netplan/parse.ts';
import { groupBy } from '../../../values/group-by.ts';
import { about, placeOf, type Complaint, type LintCheck } from '../check.ts';

/** A device with all its keys from all files; if two files have a key, the later one counts. */
interface Merged {
  readonly name: string;
  readonly kind: string;
  readonly renderer: string;
  readonly place: NetplanDefinition;
  readonly parts: readonly NetplanDefinition[];
  readonly at: (...path: readonly string[]) => YamlValue | undefined;
  /** The items of a list of all files. */
  readonly items: (key: string) => readonly YamlValue[];
}

interface Fault {
  /** The value that is wrong; of the definition itself when left out. */
  readonly value?: YamlValue | undefined;
  readonly message: string;
  readonly remedy: string;
}

interface Rule {
  readonly code: 'netplan-incomplete' | 'netplan-conflict';
  /** All when left out. */
  readonly kinds?: readonly string[];
  readonly find: (device: Merged) => readonly (Fault | undefined)[];
}

function textOf(value: YamlValue | undefined): string | undefined {
  return value?.kind === 'scalar' ? value.text : undefined;
}

function isOn(value: YamlValue | undefined): boolean {
  return /^(true|on|yes|y)$/i.test(textOf(value) ?? '');
}

/** Keys that a kind cannot do without. */
function needs(kind: string, what: string, ...keys: readonly string[]): Rule {
  return {
    code: 'netplan-incomplete',
    kinds: [kind],
    find: ({ at, name }) => {
      const missing = keys.filter((key) => at(key) === undefined);
      if (missing.length === 0) return [];
      const wants = keys.map((key) => `${key}:`).join(' and ');
      const message = `${what} needs ${wants}, and ${missing.join(' and ')} is missing`;
      return [{ message, remedy: `write ${missing.map((key) => `${key}:`).join(' and ')} below ${name}:` }];
    },
  };
}

const overrides: Readonly<Record<string, string | undefined>> = {
  'use-dns': 'true',
  'use-domains': undefined,
  'use-ntp': 'true',
  'send-hostname': 'true',
  'use-hostname': 'true',
  'use-mtu': 'true',
  hostname: undefined,
  'route-metric': undefined,
  'use-routes': 'true',
};

const rules: readonly Rule[] = [
  needs('vlans', 'a VLAN', 'id', 'link'),
  needs('vrfs', 'a VRF', 'table'),
  needs('wifis', 'a wireless NIC', 'access-points'),
  needs('tunnels', 'a tunnel', 'mode'),
  {
    code: 'netplan-incomplete',
    find: ({ at }) => [
      at('set-name') && at('match') === undefined
        ? {
            value: at('set-name'),
            message: 'set-name: needs match:',
            remedy: 'write match: with macaddress: next to it',
          }
        : undefined,
    ],
  },
  { code: 'netplan-incomplete', find: ({ items }) => items('routes').map(routeFault) },
  {
    code: 'netplan-incomplete',
    find: ({ items }) =>
      items('routing-policy').map((policy) =>
        valueAt(policy, 'from') || valueAt(policy, 'to')
          ? undefined
          : { value: policy, message: 'a routing policy needs from: or to:', remedy: 'write from: with a subnet' },
      ),
  },
  { code: 'netplan-conflict', find: ({ items }) => [...items('routes'), ...items('routing-policy')].map(familyFault) },
  {
    code: 'netplan-conflict',
    find: ({ renderer, at }) => {
      if (renderer !== 'networkd' || !isOn(at('dhcp4')) || !isOn(at('dhcp6'))) return [];
      return Object.entries(overrides).map(([key, usual]) => {
        const [four, six] = ['dhcp4-overrides', 'dhcp6-overrides'].map((map) => at(map, key));
        if (normal(four, usual) === normal(six, usual)) return undefined;
        const message = `networkd wants the same ${key} in dhcp4-overrides and dhcp6-overrides`;
        return { value: four ?? six, message, remedy: `write the same ${key} in both` };
      });
    },
  },
  {
    code: 'netplan-conflict',
    find: ({ at, renderer }) => {
      const generation = at('ipv6-address-generation');
      const value = generation;
      if (generation && at('ipv6-address-token'))
        return [
          {
            value,
            message: 'ipv6-address-generation and ipv6-address-token exclude each other',
            remedy: 'delete one of them',
          },
        ];
      if (renderer !== 'networkd' || textOf(generation) !== 'stable-privacy') return [];
      return [
        { value, message: 'networkd has no stable-privacy', remedy: 'delete it, or write renderer: NetworkManager' },
      ];
    },
  },
  {
    code: 'netplan-conflict',
    kinds: ['ethernets'],
    find: ({ at }) => {
      const mode = at('embedded-switch-mode') ?? at('delay-virtual-functions-rebind');
      if (mode === undefined || at('virtual-function-count')) return [];
      const isOff =
        textOf(at('delay-virtual-functions-rebind')) !== undefined && !isOn(mode) && !at('embedded-switch-mode');
      const message = 'this is not an SR-IOV NIC: it has no virtual-function-count';
      return isOff ? [] : [{ value: mode, message, remedy: 'write virtual-function-count next to it' }];
    },
  },
  {
    code: 'netplan-conflict',
    find: ({ renderer, at, items }) => {
      if (renderer !== 'NetworkManager') return [forNetworkManager(at('networkmanager'))];
      return [
        notIn(at('ipv6-mtu'), 'ipv6-mtu'),
        textOf(at('activation-mode')) === 'off' ? notIn(at('activation-mode'), 'activation-mode: off') : undefined,
        at('set-name') ? undefined : notIn(at('match', 'driver'), 'match by driver'),
        ...items('addresses').map((item) => (item.kind === 'map' ? notIn(item, 'address options') : undefined)),
        ...items('routes').map((route) =>
          /^unicast$/i.test(textOf(valueAt(route, 'type')) ?? 'unicast')
            ? undefined
            : notIn(route, 'a route of that type'),
        ),
      ];
    },
  },
];

function normal(value: YamlValue | undefined, usual: string | undefined): string | undefined {
  const text = textOf(value);
  if (text === undefined) return usual;
  if (usual === undefined) return text;
  return isOn(value) ? 'true' : 'false';
}

function notIn(value: YamlValue | undefined, what: string): Fault | undefined {
  const remedy = 'delete it, or write renderer: networkd';
  return value && { value, message: `netplan cannot have NetworkManager do this: ${what}`, remedy };
}

function forNetworkManager(value: YamlValue | undefined): Fault | undefined {
  if (value?.kind !== 'map' || value.entries.length === 0) return undefined;
  const message = 'networkmanager: is for definitions with renderer: NetworkManager';
  return { value, message, remedy: 'write renderer: NetworkManager next to it, or delete it' };
}

function routeFault(route: YamlValue): Fault | undefined {
  if (route.kind !== 'map') return undefined;
  const type = (textOf(valueAt(route, 'type')) ?? 'unicast').toLowerCase();
  const [to, via] = ['to', 'via'].map((key) => valueAt(route, key));
  const scope = textOf(valueAt(route, 'scope'))?.toLowerCase() ?? defaultScope(type, via !== undefined);
  // netplan 0.106 ends in an assertion if the family of a default route is unknown.
  const isBare = textOf(to) === 'default' && valueAt(route, 'from') === undefined;
  const needsVia = (type === 'unicast' && scope === 'global') || isBare;
  if (to !== undefined && (via !== undefined || !needsVia)) return undefined;
  if (to === undefined && type === 'unicast' && !['link', 'host', 'global'].includes(scope)) return undefined;
  const missing = to === undefined ? 'to' : 'via';
  return { value: route, message: `a route needs ${missing}:`, remedy: `write ${missing}: below routes:` };
}

function defaultScope(type: string, hasGateway: boolean): string {
  if (type === 'local' || type === 'nat') return 'host';
  const isOnLink = (type === 'unicast' && !hasGateway) || ['broadcast', 'multicast', 'anycast'].includes(type);
  return isOnLink ? 'link' : 'global';
}

function familyFault(item: YamlValue): Fault | undefined {
  const values = ['from', 'to', 'via'].flatMap((key) => valueAt(item, key) ?? []);
  const addresses = values
    .flatMap((value) => textOf(value)?.replace(/\/[^/]*$/, '') ?? [])
    .filter((each) => each !== 'default');
  if (new Set(addresses.map(isIPv4)).size < 2) return undefined;
  const message = `addresses of different families: ${addresses.join(' and ')}`;
  return { value: values.at(-1), message, remedy: 'write addresses of one family' };
}

function mergedDefinitions(configs: readonly Config[]): readonly Merged[] {
  const files = configsOf(configs, 'netplan');
  const global = files.flatMap(({ parsed }) => textOf(valueAt(parsed.root, 'network', 'renderer')) ?? []).at(-1);
  return [...groupBy(netplanDefinitions(files), ({ name }) => name).values()].flatMap((parts) => {
    const [place] = parts;
    if (place === undefined) return [];
    const at = (...path: readonly string[]): YamlValue | undefined =>
      parts.flatMap(({ value }) => valueAt(value, ...path) ?? []).at(-1);
    const ofKind = files.flatMap(({ parsed }) => textOf(valueAt(parsed.root, 'network', place.map, 'renderer')) ?? []);
    const items = (key: string): readonly YamlValue[] =>
      parts.flatMap(({ value }) => {
        const list = valueAt(value, key);
        return list?.kind === 'list' ? list.items : [];
      });
    const renderer = textOf(at('renderer')) ?? ofKind[0] ?? global ?? 'networkd';
    return [{ name: place.name, kind: place.map, renderer, place, parts, at, items }];
  });
}

function checkOf(code: Rule['code']): LintCheck {
  return {
    code,
    severity: 'error',
    find: ({ configs }) =>
      mergedDefinitions(configs).flatMap((device) =>
        rules
          .filter((rule) => rule.code === code && (rule.kinds?.includes(device.kind) ?? true))
          .flatMap(({ find }) => find(device).flatMap((fault) => (fault ? [complaint(device, fault)] : []))),
      ),
  };
}

function complaint({ name, place, parts }: Merged, { value, message, remedy }: Fault): Complaint {
  const part = value && parts.find((each) => holds(each.value, value));
  const path = part?.path ?? place.path;
  return about({ path, line: value?.line ?? place.line }, `${name}: ${message}`, remedy);
}

function holds(tree: YamlValue, value: YamlValue): boolean {
  if (tree === value) return true;
  if (tree.kind === 'scalar') return false;
  const inner = tree.kind === 'list' ? tree.items : tree.entries.map((entry) => entry.value);
  return inner.some((each) => holds(each, value));
}

/** netplan does not let a later file, or a later map, make another kind of a device. */
const changedKind: LintCheck = {
  code: 'netplan-conflict',
  severity: 'error',
  find: ({ configs }) => {
    const named = groupBy(netplanDefinitions(configsOf(configs, 'netplan')), ({ name }) => name);
    return [...named.values()].flatMap(([first, ...others]) =>
      others
        .filter(({ map }) => map !== first?.map)
        .slice(0, 1)
        .map((other) => {
          const before = first ? `${first.map} (${placeOf(first, other)})` : '';
          const message = `${other.name} stands below ${other.map} and below ${before}: netplan refuses all files`;
          return about(other, message, 'delete one of the two');
        }),
    );
  },
};

const atTop: LintCheck = {
  code: 'netplan-incomplete',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'netplan').flatMap(({ file, parsed }) => {
      const hasKinds = ['ethernets', 'bridges', 'bonds', 'vlans'].some((kind) => valueAt(parsed.root, kind));
      if (!hasKinds || parsed.root === undefined) return [];
      const message = 'the devices are at the top level: netplan requires them below network:';
      return [
        {
          path: file.path,
          line: parsed.root.line,
          message,
          remedy: 'write network: in the first line, and indent the rest',
        },
      ];
    }),
};

export const netplanRules: readonly LintCheck[] = [
  atTop,
  changedKind,
  checkOf('netplan-incomplete'),
  checkOf('netplan-conflict'),
];
