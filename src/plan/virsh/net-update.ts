/**
 * virsh net-update as a plan: one call of virNetworkUpdate, as virsh makes it, but without its pitfalls. A `modify` that would
 * overwrite another reservation is refused; for both scopes, a change that one of them already has only goes to the other;
 * and the `<ip>` of an IPv6 address is found automatically. @see libvirt's virNetworkDefUpdateSection
 */
import { KvmnetError } from '../../errors.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { canonicalXml } from '../../xml/canonical.ts';
import { parseXml } from '../../xml/parser.ts';
import { serialize } from '../../xml/serialize.ts';
import { attributeOf, isElement, textOf, type XmlElement } from '../../xml/tree.ts';
import { checkNetwork } from '../network/check/network.ts';
import type { CheckState } from '../network/check/subject.ts';
import type { Action, NetworkUpdate, Plan } from '../step.ts';
import { entriesOf, matchesForDelete, matchesForModify, parentIndexFor, sections, type Section } from './section.ts';
import { quoted } from '../../values/quoted.ts';

/** virNetworkUpdateCommand; `add` is virsh's other word for `add-last`. */
export const updateCommands = { modify: 1, delete: 2, 'add-last': 3, 'add-first': 4, add: 3 } as const;

const live = 1;
const config = 2;

export interface NetUpdateRequest {
  /** The network's UUID. */
  readonly network: string;
  readonly command: keyof typeof updateCommands;
  readonly section: keyof typeof sections;
  readonly xml: string;
  readonly parentIndex: number | undefined;
  readonly live: boolean;
  readonly config: boolean;
}

/** One of a network's two definitions: its entries of the section that is meant. */
interface Side {
  readonly flag: number;
  readonly word: string;
  readonly entries: readonly XmlElement[];
}

/** @throws CONFLICT where `modify` would overwrite another's entry; INPUT for control characters */
export function planVirshUpdate(request: NetUpdateRequest, state: Pick<State, 'networks'>): Plan {
  const network = networkOf(request.network, state);
  const title = `${request.command} ${request.section} of network ${network.name}`;
  const { number, element }: Section = sections[request.section];
  const flags = (request.live ? live : 0) | (request.config ? config : 0);
  const action: NetworkUpdate = {
    call: 'networkUpdate',
    network: network.uuid,
    command: updateCommands[request.command],
    section: number,
    parentIndex: request.parentIndex ?? -1,
    xml: request.xml,
    flags,
  };
  // libvirt cannot update the others, and reports that.
  if (element === undefined) return planOf(title, action, [], []);
  const { root: wanted } = parseXml(request.xml, element);
  refuseControlCharacters(wanted);
  const parentIndex = request.parentIndex ?? parentIndexFor(network, request.section, wanted);
  const sides = sidesOf(network, flags, (xml) => entriesOf(xml, request.section, parentIndex));
  if (request.command === 'modify') refuseOverwriting(sides, request, wanted, network.name);
  const [chosen, warnings] = chooseSides(sides, request, wanted);
  const all = chosen.length === sides.length;
  const narrowed = { ...action, parentIndex, flags: all ? flags : sum(chosen.map(({ flag }) => flag)) };
  return planOf(title, narrowed, wayBack(narrowed, chosen, request, wanted), warnings);
}

/** Returns the new findings of kvmnet's checks in a network. */
export function newFindings(before: NetworkState, after: NetworkState, state: CheckState): readonly string[] {
  const messages = ({ network, inactive }: NetworkState): string[] =>
    [network, ...(inactive ? [inactive] : [])].flatMap((each) =>
      checkNetwork(each, state).map(({ message }) => message),
    );
  const known = new Set(messages(before));
  return [...new Set(messages(after))].filter((message) => !known.has(message));
}

function networkOf(uuid: string, { networks }: Pick<State, 'networks'>): NetworkState {
  const network = networks.find((other) => other.uuid === uuid);
  if (!network) throw new KvmnetError('NOTFOUND', `the network with the UUID ${uuid} is gone`);
  return network;
}

/** The definitions that the flags mean; with neither the one in use. */
function sidesOf(
  { active, xml, inactiveXml }: NetworkState,
  flags: number,
  entries: (xml: string) => readonly XmlElement[],
): readonly Side[] {
  const wanted = flags === 0 ? (active ? live : config) : flags;
  return [
    ...((wanted & live) !== 0 && active ? [{ flag: live, word: 'running network', entries: entries(xml) }] : []),
    ...((wanted & config) !== 0 && inactiveXml !== undefined
      ? [{ flag: config, word: 'configuration', entries: entries(inactiveXml) }]
      : []),
  ];
}

/** libvirt changes both definitions or none: where one of them needs nothing, or has nothing to change, only the other is meant. */
function chooseSides(
  sides: readonly Side[],
  { command, section }: NetUpdateRequest,
  wanted: XmlElement,
): [chosen: readonly Side[], warnings: readonly string[]] {
  const isNew = command === 'add' || command === 'add-first' || command === 'add-last';
  const concerns = ({ entries }: Side): boolean => {
    if (isNew) return !entries.some((entry) => same(entry, wanted));
    const matches = command === 'delete' ? matchesForDelete : matchesForModify;
    return entries.some((entry) => matches(section, wanted, entry));
  };
  const chosen = sides.filter(concerns);
  // If it concerns none of them, libvirt reports the error.
  if (chosen.length === 0 || chosen.length === sides.length) return [sides, []];
  const others = sides.filter((side) => !chosen.includes(side));
  const verb = isNew ? 'already has it' : 'does not have it';
  return [chosen, others.map(({ word }) => `the ${word} ${verb}: only the ${chosen[0]?.word ?? ''} is changed`)];
}

function refuseOverwriting(
  sides: readonly Side[],
  { section }: NetUpdateRequest,
  wanted: XmlElement,
  name: string,
): void {
  if (section !== 'ip-dhcp-host') return;
  for (const { entries } of sides) {
    const matching = entries.filter((entry) => matchesForModify(section, wanted, entry));
    if (matching.length < 2) continue;
    throw new KvmnetError(
      'CONFLICT',
      `this would overwrite another reservation: ${matching.map(describe).join(' and ')}`,
      {
        hint: `delete one of them first: kvmnet net-update ${quoted(name)} delete ip-dhcp-host '<host …/>'`,
      },
    );
  }
}

function describe(host: XmlElement): string {
  return ['ip', 'mac', 'name'].flatMap((name) => attributeOf(host, name) ?? []).join(' ');
}

/** Returns the undo: the old entries on each side. */
function wayBack(
  action: NetworkUpdate,
  sides: readonly Side[],
  { command, section }: NetUpdateRequest,
  wanted: XmlElement,
): readonly Action[] {
  if (command !== 'delete' && command !== 'modify') {
    // If an equal entry already exists, libvirt refuses, and a deletion would remove that one.
    const isNew = !sides.some(({ entries }) => entries.some((entry) => matchesForDelete(section, wanted, entry)));
    return isNew ? [{ ...action, command: updateCommands.delete }] : [];
  }
  const matches = command === 'delete' ? matchesForDelete : matchesForModify;
  return sides.flatMap(({ flag, entries }) => {
    const old = entries.find((entry) => matches(section, wanted, entry));
    if (!old) return [];
    const back = command === 'delete' ? updateCommands.add : updateCommands.modify;
    return [{ ...action, command: back, xml: serialize(old).trim(), flags: flag }];
  });
}

function same(left: XmlElement, right: XmlElement): boolean {
  return canonicalXml([left]).toLowerCase() === canonicalXml([right]).toLowerCase();
}

/** A line break in a name or a text would be a line of its own in dnsmasq's configuration. */
function refuseControlCharacters(element: XmlElement): void {
  const text = { name: 'the text', value: textOf(element).trim() };
  const bad = [...element.attributes, text].find(({ value }) => /[\u0000-\u001f\u007f]/.test(value));
  if (bad) {
    throw new KvmnetError('INPUT', `${bad.name} of <${element.name}> has a control character in it`, {
      hint: 'libvirt would write it into the configuration of dnsmasq',
    });
  }
  for (const child of element.children.filter(isElement)) refuseControlCharacters(child);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function planOf(title: string, action: NetworkUpdate, undo: readonly Action[], warnings: readonly string[]): Plan {
  const step = { title, do: action, undo, verify: { expect: 'network', network: action.network } } as const;
  return { title, steps: [step], warnings, consent: [] };
}
