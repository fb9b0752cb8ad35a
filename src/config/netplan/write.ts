/**
 * Writes netplan's configuration, in a file that comes last. netplan merges its files: the last plain value wins, but lists grow, so that obsolete
 * items must be removed from the file that has them. @see netplan-yaml(5)
 */
import { parse, stringify } from 'yaml';
import { configsOf, readConfig, type ConfigOf } from '../config.ts';
import { entriesOf, listAt, netplanDefinitions, type NetplanDefinition } from './read.ts';
import { valueAt } from './parse.ts';
import { withBondMac, type PersistDevice } from '../persist-device.ts';
import {
  fileChange,
  isOurs,
  meaning,
  resolverOf,
  textOf,
  type FileChange,
  type PresentFiles,
  type Renderer,
  type Resolver,
} from '../file-change.ts';
import { ownComment } from '../ini-text.ts';
import { definitionOf, type Definition } from './definition.ts';
import { withoutKeys, type YamlPath } from './edit.ts';

const path = '/etc/netplan/90-kvmnet.yaml';

export const renderNetplan: Renderer = (model, present) => {
  const configs = configsOf(present.configs, 'netplan');
  const foreign = configs.filter(({ file }) => !isOurs(file.path));
  const idOf = idsIn(foreign);
  const ownMac = isForNetworkManager(foreign) ? (device: PersistDevice): PersistDevice => device : withBondMac;
  const ours = readOurs(textOf(present.files, path));
  const definitions = model.devices.map((device) => {
    const resolver = resolverOf(device, model.devices, (each) => resolverIn(configs, idOf(each)));
    return { device, id: idOf(device.name), definition: definitionOf(ownMac(device), resolver, idOf) };
  });
  const outdated = definitions.filter((each) => !isUpToDate(each, foreign));
  const removed: readonly Removed[] = [
    ...outdated.flatMap(({ id }) => managedKeys(foreign, id)),
    ...model.gone.flatMap((name) => definitionsOf(foreign, idOf(name)).map(wholeDefinition)),
  ];
  const changes = foreignChanges(removed, present);
  const left = foreign.map((config) => asChanged(config, changes));
  [...definitions.map(({ id }) => id), ...model.gone.map(idOf)].forEach((id) => {
    drop(ours, id);
  });
  for (const each of outdated.filter((one) => !isUpToDate(one, left))) {
    (ours[sectionOf(each.device)] ??= {})[each.id] = each.definition;
  }
  const isEmpty = Object.values(ours).every((section) => Object.keys(section).length === 0);
  return {
    changes: [...changes, ...fileChange(present, path, isEmpty ? null : textFor(ours), 0o600)],
    warnings: [...cloudInit(removed), ...model.devices.flatMap(limitations)],
  };
};

type Sections = Record<string, Record<string, Definition>>;

const sections = ['ethernets', 'bonds', 'vlans', 'bridges'] as const;

function sectionOf({ bridge, bond, vlan }: PersistDevice): (typeof sections)[number] {
  return bridge ? 'bridges' : bond ? 'bonds' : vlan ? 'vlans' : 'ethernets';
}

/** Returns the definitions in kvmnet's file of devices that are not written this time. */
function readOurs(text: string | null): Sections {
  const network =
    text === null ? undefined : (parse(text, { version: '1.1' }) as { readonly network?: Sections } | null)?.network;
  return Object.fromEntries(sections.flatMap((name) => (network?.[name] ? [[name, { ...network[name] }]] : [])));
}

function drop(ours: Sections, id: string): void {
  for (const section of Object.values(ours)) Reflect.deleteProperty(section, id);
}

function textFor(ours: Sections): string {
  const full = sections.filter((name) => Object.keys(ours[name] ?? {}).length > 0).map((name) => [name, ours[name]]);
  const network = { version: 2, ...(Object.fromEntries(full) as Sections) };
  return `# ${ownComment}\n${stringify({ network }, { version: '1.1', directives: false, lineWidth: 0 })}`;
}

/** NetworkManager takes the MAC of a bond's port, as the kernel does; the other renderer is systemd-networkd. */
function isForNetworkManager(foreign: readonly ConfigOf<'netplan'>[]): boolean {
  const renderers = foreign.flatMap(({ parsed }) => valueAt(parsed.root, 'network', 'renderer') ?? []);
  return renderers.some((each) => each.kind === 'scalar' && each.text === 'NetworkManager');
}

/** netplan's own name of a device: the name of its definition, where this matches by name or names the device. */
function idsIn(foreign: readonly ConfigOf<'netplan'>[]): (name: string) => string {
  const definitions = netplanDefinitions(foreign);
  const text = (definition: NetplanDefinition, ...keys: readonly string[]): string | undefined => {
    const value = valueAt(definition.value, ...keys);
    return value?.kind === 'scalar' ? value.text : undefined;
  };
  return (name) =>
    definitions.find((each) => text(each, 'set-name') === name || text(each, 'match', 'name') === name)?.name ?? name;
}

interface ForeignDefinition extends NetplanDefinition {
  readonly section: string;
}

function definitionsOf(foreign: readonly ConfigOf<'netplan'>[], id: string): readonly ForeignDefinition[] {
  return foreign.flatMap((config) =>
    sections.flatMap((section) => {
      const value = valueAt(config.parsed.root, 'network', section, id);
      const found = netplanDefinitions([config]).find((each) => each.name === id && each.value === value);
      return found ? [{ ...found, section }] : [];
    }),
  );
}

interface Defined {
  readonly device: PersistDevice;
  readonly id: string;
  readonly definition: Definition;
}

/** True where the files of others mean the same. */
function isUpToDate({ device, id, definition }: Defined, foreign: readonly ConfigOf<'netplan'>[]): boolean {
  const there = definitionsOf(foreign, id);
  if (there.length === 0) return false;
  const text = textFor({ [sectionOf(device)]: { [id]: definition } });
  const own = readConfig({ path, text }, 'netplan') as ConfigOf<'netplan'>;
  const wanted = definitionsOf([own], id);
  return (
    ownMeaning(meaning(foreign, id)) === ownMeaning(meaning([own], id)) &&
    bridgeSense(there) === bridgeSense(wanted) &&
    routesSense(there) === routesSense(wanted)
  );
}

/** Returns the device without its master: in netplan, bridges and bonds list their ports. */
function ownMeaning(text: string | undefined): string | undefined {
  return text === undefined
    ? undefined
    : JSON.stringify((JSON.parse(text) as unknown[]).filter((_, index) => index !== 5));
}

function bridgeSense(definitions: readonly ForeignDefinition[]): string {
  if (definitions[0]?.section !== 'bridges') return '';
  const parameter = (key: string): string | undefined =>
    definitions
      .flatMap(({ value }) => {
        const found = valueAt(value, 'parameters', key);
        return found?.kind === 'scalar' ? [found.text] : [];
      })
      .at(-1);
  return JSON.stringify([
    /^(true|yes|on|y)$/i.test(parameter('stp') ?? 'true'),
    Number(parameter('forward-delay') ?? 15),
  ]);
}

function routesSense(definitions: readonly ForeignDefinition[]): string {
  const routes = definitions.flatMap(({ value }) => {
    const found = valueAt(value, 'routes');
    return found?.kind === 'list' ? found.items : [];
  });
  const text = (route: (typeof routes)[number], key: string): string => {
    const found = valueAt(route, key);
    return found?.kind === 'scalar' ? found.text : '';
  };
  return JSON.stringify(
    routes
      .map((route) =>
        [
          text(route, 'to').replace(/^(0\.0\.0\.0\/0|::\/0)$/, 'default'),
          text(route, 'via'),
          text(route, 'metric'),
        ].join(' '),
      )
      .sort(),
  );
}

/** Keys that kvmnet's definition writes or deliberately omits. */
const managed: readonly string[] = [
  ...['addresses', 'dhcp4', 'dhcp6', 'gateway4', 'gateway6', 'routes', 'nameservers', 'accept-ra', 'link-local'],
  ...['interfaces', 'parameters', 'macaddress', 'mtu', 'id', 'link'],
];

/** A key to remove from a file. */
interface Removed {
  readonly file: string;
  readonly path: YamlPath;
}

function managedKeys(foreign: readonly ConfigOf<'netplan'>[], id: string): readonly Removed[] {
  return definitionsOf(foreign, id).flatMap((each) =>
    entriesOf(each.value)
      .filter(({ key }) => managed.includes(key))
      .map(({ key }) => ({ file: each.path, path: ['network', each.section, id, key] })),
  );
}

function wholeDefinition({ path: file, section, name }: ForeignDefinition): Removed {
  return { file, path: ['network', section, name] };
}

function foreignChanges(removed: readonly Removed[], present: PresentFiles): readonly FileChange[] {
  const files = present.files.filter((file) => removed.some((each) => each.file === file.path));
  return files.flatMap((file) => {
    const paths = removed.filter((each) => each.file === file.path).map((each) => each.path);
    return fileChange(present, file.path, withoutKeys(file, paths), 0o600);
  });
}

function asChanged(config: ConfigOf<'netplan'>, changes: readonly FileChange[]): ConfigOf<'netplan'> {
  const change = changes.find((each) => each.path === config.file.path);
  if (!change) return config;
  return readConfig({ ...config.file, text: change.after ?? '' }, 'netplan') as ConfigOf<'netplan'>;
}

function resolverIn(configs: readonly ConfigOf<'netplan'>[], id: string): Resolver {
  const definitions = netplanDefinitions(configs).filter(({ name }) => name === id);
  const words = (key: string): readonly string[] =>
    definitions.flatMap((each) => {
      const value = valueAt(each.value, 'nameservers');
      return value ? listAt({ ...each, value }, key).map((setting) => setting.value) : [];
    });
  return { servers: words('addresses'), domains: words('search') };
}

/** cloud-init overwrites its file at the first boot of a new instance, and at each change of its data. */
function cloudInit(removed: readonly { readonly file: string }[]): readonly string[] {
  const file = removed.find((each) => each.file.endsWith('cloud-init.yaml'))?.file;
  if (file === undefined) return [];
  return [
    `${file} belongs to cloud-init, which may overwrite it: prevent that with the line "network: {config: disabled}" in /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg`,
  ];
}

function limitations({ name, vlan, bridge }: PersistDevice): readonly string[] {
  return [
    ...(vlan && vlan.protocol !== '802.1Q'
      ? [`${name} will be a VLAN of 802.1Q: netplan does not support ${vlan.protocol}`]
      : []),
    ...(bridge?.vlanFiltering ? [`${name} will not filter VLANs: netplan does not support it`] : []),
  ];
}
