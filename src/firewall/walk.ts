/** Lets a packet pass the chains of one hook, as the kernel does. @see nft(8), "Verdict statement" */
import { fulfils, sees, type LocalAddresses, type Packet } from './packet.ts';
import type { Chain, Effect, Hook, Place, Rule, Table, TableFamily } from './ruleset.ts';

/** The outcome of a hook. */
export interface Passage {
  /** The rules and policies that decided in each base chain, in the order of the chains. */
  readonly decisions: readonly Decision[];
  /** Rules that may decide otherwise: some of their conditions depend on more than the packet. */
  readonly uncertain: readonly Place[];
  /** As it leaves the hook, translated. */
  readonly packet: Packet;
}

export interface Decision extends Place {
  readonly effect: Effect;
}

interface Step {
  readonly table: Table;
  readonly chain: Chain;
}

/** @returns all base chains of a hook that see the packet, in the kernel's order */
function baseChains(tables: readonly Table[], hook: Hook, sees: (family: TableFamily) => boolean): readonly Step[] {
  return tables
    .filter((table) => sees(table.family))
    .flatMap((table) => table.chains.map((chain) => ({ table, chain })))
    .filter(({ chain }) => chain.base?.hook === hook)
    .toSorted((a, b) => (a.chain.base?.priority ?? 0) - (b.chain.base?.priority ?? 0));
}

/** True of effects that end the packet's way. */
export function isFinal({ kind }: Effect): boolean {
  return kind === 'drop' || kind === 'reject';
}

/**
 * An accepted packet has still to pass the base chains that come later; a dropped one has not. NAT chains see only the
 * first packet of a flow, and stop at the first translation.
 * @param options.bridged whether it is a bridge that forwards the packet: then only tables of the family bridge see it
 */
export function pass(
  tables: readonly Table[],
  hook: Hook,
  packet: Packet,
  { host, bridged = false }: { readonly host: LocalAddresses; readonly bridged?: boolean },
): Passage {
  const decisions: Decision[] = [];
  const uncertain: Place[] = [];
  let current = packet;
  let isTranslated = false;
  const isSeen = (family: TableFamily): boolean =>
    bridged ? family === 'bridge' : sees(family, packet.destination.family);
  for (const { table, chain } of baseChains(tables, hook, isSeen)) {
    if (chain.base?.isNat === true && (isTranslated || !packet.states.includes('new'))) continue;
    const decision = traverse({ table, packet: current, host, uncertain }, chain) ?? {
      table,
      chain,
      rule: undefined,
      effect: { kind: chain.base?.policy ?? 'accept' },
    };
    decisions.push(decision);
    if (isFinal(decision.effect)) break;
    isTranslated ||= translations.includes(decision.effect.kind);
    current = translated(current, decision);
  }
  return { decisions, uncertain, packet: current };
}

const translations: readonly Effect['kind'][] = ['dnat', 'snat', 'masquerade', 'redirect'];

function translated(packet: Packet, { effect }: Decision): Packet {
  if (effect.kind !== 'dnat' && effect.kind !== 'snat' && effect.kind !== 'redirect') return packet;
  const [port] = effect.ports ?? [];
  if (effect.kind === 'snat') {
    return { ...packet, source: effect.address?.start ?? packet.source, states: [...packet.states, 'snat'] };
  }
  const { originalPort = packet.destinationPort } = packet;
  return {
    ...packet,
    ...(effect.kind === 'redirect' ? { redirected: true } : {}),
    ...(effect.kind === 'dnat' && effect.address ? { destination: effect.address.start } : {}),
    ...(port === undefined ? {} : { destinationPort: port }),
    ...(originalPort === undefined ? {} : { originalPort }),
    states: [...packet.states, 'dnat'],
  };
}

/** The packet and its surroundings while it passes the chains of a table. */
interface Visit {
  readonly table: Table;
  readonly packet: Packet;
  readonly host: LocalAddresses;
  readonly uncertain: Place[];
}

/** The kernel's own limit. @see linux/netfilter/nf_tables.h, NFT_JUMP_STACK_SIZE */
const maxDepth = 16;

/** @returns undefined where no rule decides, and the chain that called this one continues */
function traverse(visit: Visit, chain: Chain, depth = 0): Decision | undefined {
  const { table, packet, host, uncertain } = visit;
  for (const rule of chain.rules) {
    const met = meets(packet, rule, host);
    const { effect } = rule;
    if (met === false || effect.kind === 'none') continue;
    if (met === undefined) {
      uncertain.push({ table, chain, rule });
      continue;
    }
    if (effect.kind === 'return') return undefined;
    if (effect.kind !== 'jump' && effect.kind !== 'goto') return { table, chain, rule, effect };
    const called = chainNamed(table, effect.chain);
    const decision = called && depth < maxDepth ? traverse(visit, called, depth + 1) : undefined;
    if (decision !== undefined || effect.kind === 'goto') return decision;
  }
  return undefined;
}

const chainsByName = new WeakMap<Table, ReadonlyMap<string, Chain>>();

/** A table may have thousands of chains, which call each other by name. */
function chainNamed(table: Table, name: string): Chain | undefined {
  const known = chainsByName.get(table) ?? new Map(table.chains.map((chain) => [chain.name, chain]));
  chainsByName.set(table, known);
  return known.get(name);
}

/** @returns undefined where nothing that is known speaks against the rule, but something is unknown */
function meets(packet: Packet, { conditions }: Rule, host: LocalAddresses): boolean | undefined {
  const answers = conditions.map((condition) => fulfils(packet, condition, host));
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}
