/** netplan files against its grammar: what netplan refuses, and where. */
import { baseName, configsOf, type Config, type ConfigOf } from '../../../config/config.ts';
import { entriesOf, netplanDefinitions } from '../../../config/netplan/read.ts';
import { valueAt, type YamlEntry, type YamlValue } from '../../../config/netplan/parse.ts';
import type { Complaint } from '../check.ts';
import { closestName, misspelling } from '../keys.ts';
import { netplanGrammar, type MapShape, type Shape, type Wanted } from './grammar.ts';

export interface NetplanFault extends Complaint {
  readonly code: Wanted['code'] | 'misspelt-key' | 'unknown-key' | 'wrong-type' | 'port-undefined' | 'bad-name';
}

/** Context for checking a value, in addition to its shape. */
interface Place {
  readonly path: string;
  readonly key: string;
  /** Devices that this file or an earlier one defines. */
  readonly known: ReadonlySet<string>;
}

const walked = new WeakMap<readonly Config[], readonly NetplanFault[]>();

/** All that netplan's parser refuses, in every file. */
export function netplanFaults(configs: readonly Config[]): readonly NetplanFault[] {
  const found = walked.get(configs) ?? findFaults(configsOf(configs, 'netplan'));
  walked.set(configs, found);
  return found;
}

/** netplan reads its files in the order of their names, and a file sees what those before it define. */
function findFaults(files: readonly ConfigOf<'netplan'>[]): readonly NetplanFault[] {
  const sorted = [...files].sort((a, b) => (baseName(a.file.path) < baseName(b.file.path) ? -1 : 1));
  return sorted.flatMap((config, index) => {
    const { root } = config.parsed;
    if (root === undefined || isAtTop(root)) return [];
    const seen = sorted.slice(0, index + 1);
    const known = new Set([
      ...netplanDefinitions(seen).map(({ name }) => name),
      ...seen.flatMap(({ parsed }) => patchPorts(parsed.root)),
    ]);
    return check(root, netplanGrammar, { path: config.file.path, key: 'the file', known });
  });
}

/** Devices at the top level: another check reports them better. */
function isAtTop(root: YamlValue): boolean {
  return entriesOf(root).some(({ key }) => ['ethernets', 'bridges', 'bonds', 'vlans'].includes(key));
}

/** Ports of Open vSwitch that are defined in pairs. */
function patchPorts(root: YamlValue | undefined): readonly string[] {
  const pairs = valueAt(root, 'network', 'openvswitch', 'ports');
  return itemsOf(pairs).flatMap((pair) => itemsOf(pair).flatMap((item) => (item.kind === 'scalar' ? [item.text] : [])));
}

function itemsOf(value: YamlValue | undefined): readonly YamlValue[] {
  return value?.kind === 'list' ? value.items : [];
}

function check(value: YamlValue, shape: Shape, place: Place): readonly NetplanFault[] {
  switch (shape.kind) {
    case 'either': {
      const fitting = shape.shapes.find(({ kind }) => kind === value.kind);
      if (fitting) return check(value, fitting, place);
      return shape.shapes.length === 0 ? [] : [wrongType(value, shape, place)];
    }
    case 'scalar':
      if (value.kind !== 'scalar') return [wrongType(value, shape, place)];
      return shape.isDevice
        ? undefinedDevice(value, value.text, place)
        : badScalar(value, value.text, shape.wanted, place);
    case 'list':
      if (value.kind !== 'list') return [wrongType(value, shape, place)];
      return value.items.flatMap((item) => check(item, shape.item, place));
    case 'map':
      if (value.kind !== 'map') return [wrongType(value, shape, place)];
      return value.entries.flatMap((entry) => checkEntry(entry, shape, place));
  }
}

function checkEntry(entry: YamlEntry, { keys, rest, areDevices }: MapShape, place: Place): readonly NetplanFault[] {
  const own = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined;
  const within = { ...place, key: entry.key };
  if (own) return check(entry.value, own, within);
  if (rest === undefined) return [unknownKey(entry, Object.keys(keys), place)];
  const named = areDevices ? undefinedDevice(entry, entry.key, place) : [];
  return [...named, ...badId(entry, rest, place), ...check(entry.value, rest, within)];
}

/** Below a kind, such as `bridges:`, stand the names of devices. */
function badId({ key, line }: YamlEntry, rest: Shape, { path }: Place): readonly NetplanFault[] {
  const isDefinition = rest.kind === 'map' && 'dhcp4' in rest.keys;
  if (!isDefinition || (/^[\x21-\x7e]+$/.test(key) && !/[*?[\]]/.test(key))) return [];
  const message = `${JSON.stringify(key)} is not the name of a definition: netplan refuses all files`;
  return [{ code: 'bad-name', path, line, message, remedy: 'write a name, and patterns below match: in it' }];
}

function badScalar(
  { line }: YamlValue,
  text: string,
  wanted: readonly Wanted[],
  { path, key }: Place,
): readonly NetplanFault[] {
  const failed = wanted.find(({ accepts }) => !accepts(text));
  if (failed === undefined) return [];
  const shown = text === '' ? 'nothing' : text;
  const message = `${key}: ${shown} is not ${failed.what}: netplan refuses all files`;
  return [{ code: failed.code, path, line, message, remedy: failed.remedy }];
}

const names: Readonly<Record<YamlValue['kind'], string>> = { scalar: 'a single value', list: 'a list', map: 'a map' };

function wrongType(value: YamlValue, shape: Shape, { path, key }: Place): NetplanFault {
  const wanted = shape.kind === 'either' ? shape.shapes.map(({ kind }) => kind) : [shape.kind];
  const kinds = wanted.flatMap((kind) => (kind === 'either' ? [] : names[kind]));
  const actual = value.kind === 'scalar' && value.text === '' ? 'empty' : names[value.kind];
  const message = `${key}: this is ${actual}, and netplan wants ${kinds.join(' or ')}: it refuses all files`;
  return { code: 'wrong-type', path, line: value.line, message, remedy: typeRemedy(value, wanted[0], key) };
}

function typeRemedy(value: YamlValue, wanted: Shape['kind'] | undefined, key: string): string {
  const text = value.kind === 'scalar' ? value.text : '';
  if (wanted === 'list') return `write ${key}: [${text}]`;
  if (wanted === 'map') return `write ${key}: {}, or indent what belongs to it`;
  return `write one value after ${key}:`;
}

function unknownKey({ key, line, value }: YamlEntry, known: readonly string[], place: Place): NetplanFault {
  const { path } = place;
  const meant = misspelling(key, known);
  if (meant !== undefined) {
    const message = `${key} is misspelled: netplan refuses the file`;
    return { code: 'misspelt-key', path, line, message, remedy: `write ${meant}:` };
  }
  const message = `${key} is not a key that netplan knows below ${place.key}: it refuses all files`;
  const remedy =
    value.kind === 'scalar' && value.text === '' ? `delete the line, or indent what belongs to ${key}` : 'delete it';
  return { code: 'unknown-key', path, line, message, remedy };
}

function undefinedDevice({ line }: { readonly line: number }, name: string, place: Place): readonly NetplanFault[] {
  const { path, key, known } = place;
  if (known.has(name)) return [];
  const near = closestName(name, [...known]);
  const message = `${key}: ${name} is defined nowhere, and netplan then refuses all files`;
  const remedy = near === undefined ? `write ${name}: {} below ethernets:` : `write ${near}`;
  return [{ code: 'port-undefined', path, line, message, remedy }];
}
