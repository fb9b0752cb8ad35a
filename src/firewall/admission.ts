/** The rules that let a flow pass where others stop it. */
import { answerTo, follow, type Journey, type Obstacle, type PacketHost } from './journey.ts';
import { isOfUfw, ufwCommand } from './managers.ts';
import type { Packet } from './packet.ts';
import type { Chain, Condition, Place, Rule, Table } from './ruleset.ts';
import { iptablesWords, nftWords } from './words.ts';

/** A rule to add: it accepts exactly the packets of a flow, in front of the rule or the policy that stops them. */
export interface Admission {
  readonly table: Table;
  readonly chain: string;
  /** Undefined: at the end of the chain. */
  readonly before: Rule | undefined;
  /** The rule as iptables or nft take it, one word each. */
  readonly words: readonly string[];
  /** The command that adds it, for a person to read: a command of the program that owns the rules, if it has one for this. */
  readonly command: string;
}

export interface FlowReport {
  /** The journeys of the first packet, and of its answer. */
  readonly request: Journey;
  readonly answer: Journey;
  /** The obstacle of the request, or else of the answer. */
  readonly obstacle: Obstacle | undefined;
  /** The rules that admit the flow, as few as possible; empty where none stops it. */
  readonly admissions: readonly Admission[];
  /** The obstacle that remains with these rules: a sysctl, a route. */
  readonly remaining: Obstacle | undefined;
}

/** Base chains that a flow may pass, in both directions; each takes one rule at the most. */
const maxRules = 16;

/**
 * Reports whether a flow passes, and what would let it.
 * @param packet the first one of the flow; without a source port it comes from one that a client gets from the kernel
 */
export function examineFlow(packet: Packet, host: PacketHost): FlowReport {
  const { request, answer, obstacle } = followBoth(packet, host);
  const admissions: Admission[] = [];
  let current = { request, answer, obstacle };
  let tables = host.tables;
  while (current.obstacle?.kind === 'rule' && admissions.length < maxRules) {
    const stopped = current.request.obstacle === undefined ? current.answer : current.request;
    const { rule, ...admission } = admissionOf(current.obstacle.place, stopped.packet);
    admissions.push(admission);
    const { table, chain, before } = admission;
    tables = tables.map((each) => (isSameTable(each, table) ? insert(each, chain, before, rule) : each));
    current = followBoth(packet, { ...host, tables });
  }
  return { request, answer, obstacle, admissions, remaining: current.obstacle };
}

/** A port that a client gets from the kernel. @see net.ipv4.ip_local_port_range of the kernel's documentation */
const clientPort = 50_000;

function followBoth(packet: Packet, host: PacketHost): Pick<FlowReport, 'request' | 'answer' | 'obstacle'> {
  const hasPorts = packet.destinationPort !== undefined;
  const request = follow(hasPorts ? { sourcePort: clientPort, ...packet } : packet, host);
  // Connection tracking translates the answer's addresses back before the first chain sees it.
  const answer = follow(answerTo({ ...request.packet, source: packet.source }), host);
  return { request, answer, obstacle: request.obstacle ?? answer.obstacle };
}

/** Chains that a firewall manager keeps for its users' rules, and calls first. @see https://docs.docker.com/engine/network/packet-filtering-firewalls/ */
const usersChains: readonly string[] = ['DOCKER-USER'];

function admissionOf(place: Place, packet: Packet): Admission & { readonly rule: Rule } {
  const found = admit(place, conditionsOf(packet, place.table.family === 'bridge'));
  const isUfws = isOfUfw(place.chain, place.table) && packet.states.includes('new');
  return isUfws ? { ...found, command: ufwCommand(packet) } : found;
}

/**
 * The rule that accepts packets in front of the rule or the policy at a place.
 * @param conditions of the packets
 */
export function admit({ table, chain, rule }: Place, conditions: readonly Condition[]) {
  const users = table.chains.find(({ name }) => usersChains.includes(name) && isCalled(chain, name));
  const match = { conditions, effect: { kind: 'accept' } } as const;
  const words = table.tool === 'nft' ? nftWords(match) : iptablesWords(match);
  const [target, before] = users ? [users, users.rules[0]] : [chain, rule];
  return {
    ...{ table, chain: target.name, before, words },
    command: commandOf(table, target, before, words),
    rule: { text: words.join(' '), ...match },
  };
}

function isCalled(chain: Chain, name: string): boolean {
  return chain.rules.some(
    ({ effect, conditions }) => conditions.length === 0 && effect.kind === 'jump' && effect.chain === name,
  );
}

/** The conditions that single out a flow to a server: its side is exact, the other side may be any client. */
function conditionsOf(packet: Packet, isBridge: boolean): readonly Condition[] {
  const { protocol, inPort, outPort, states } = packet;
  const isAnswer = states.includes('established');
  const [inDevice, outDevice] = isBridge ? [inPort, outPort] : [packet.inDevice, packet.outDevice];
  const [side, server, on, port] = isAnswer
    ? (['source', packet.source, 'sourcePort', packet.sourcePort] as const)
    : (['destination', packet.destination, 'destinationPort', packet.destinationPort] as const);
  return [
    ...(inDevice === undefined ? [] : [{ on: 'inDevice', names: [inDevice] } as const]),
    ...(outDevice === undefined ? [] : [{ on: 'outDevice', names: [outDevice] } as const]),
    { on: side, ranges: [{ start: server, end: server }] },
    { on: 'protocol', names: [protocol] },
    ...(port === undefined ? [] : [{ on, ranges: [[port, port]] } as const]),
    ...(isAnswer ? [{ on: 'state', names: ['established'] } as const] : []),
  ];
}

function commandOf(table: Table, chain: Chain, before: Rule | undefined, words: readonly string[]): string {
  if (table.tool === 'nft') {
    const [verb, place] = before?.handle === undefined ? ['add', []] : ['insert', ['position', String(before.handle)]];
    return ['nft', verb, 'rule', table.family, table.name, chain.name, ...place, ...words].join(' ');
  }
  const position =
    before === undefined ? ['-A', chain.name] : ['-I', chain.name, String(chain.rules.indexOf(before) + 1)];
  const program = table.family === 'ip6' ? 'ip6tables' : 'iptables';
  return [program, '-t', table.name, ...position, ...words].join(' ');
}

function isSameTable(a: Table, b: Table): boolean {
  return a.tool === b.tool && a.family === b.family && a.name === b.name;
}

function insert(table: Table, name: string, before: Rule | undefined, rule: Rule): Table {
  const withRule = (chain: Chain): Chain => {
    const index = before === undefined ? chain.rules.length : chain.rules.indexOf(before);
    return { ...chain, rules: chain.rules.toSpliced(index, 0, rule) };
  };
  return { ...table, chains: table.chains.map((chain) => (chain.name === name ? withRule(chain) : chain)) };
}
