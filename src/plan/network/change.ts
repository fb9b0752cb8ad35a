/** From a network's definitions to the wanted definitions, each part in the cheapest way that is true. */
import { KvmnetError } from '../../errors.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { buildNetwork } from '../../xml/build.ts';
import { differences, type Difference } from '../../xml/meaning.ts';
import type { Network } from '../../xml/network.ts';
import { checkNetwork } from './check/network.ts';
import { refuse, advisories, type Finding } from '../finding.ts';
import { restartSteps, type RestartPlan } from './restart.ts';
import { entryChanges, sectionChanges, updateCommand, updateFlags, type SectionChange } from './section.ts';
import { arrangeLike, isRemark, realDifferences, restOf } from './normalize.ts';
import type { WantedNetwork } from './desired.ts';
import { redefineStep } from '../steps/network.ts';
import type { Replugged } from './replug.ts';
import type { Action, Step } from '../step.ts';

/** One thing that changes, and when it takes effect. */
export interface NetworkChange {
  readonly what: string;
  readonly when: 'live' | 'at the next start' | 'restart' | 'configuration only';
  /** Whom the change interrupts. */
  readonly cost?: string;
}

export interface ChangePlan extends RestartPlan {
  readonly changes: readonly NetworkChange[];
}

export interface ChangeRequest {
  readonly network: NetworkState;
  readonly wanted: WantedNetwork;
  /** Only the definition at the next start. */
  readonly configOnly: boolean;
  /** The UUID of the network in which guests wait, where it has to restart. */
  readonly uuid: string;
}

/**
 * Plans a change of a network: live by virNetworkUpdate if possible, in the configuration, or by a restart after which every guest is
 * reattached. Settings that already match need no step.
 * @throws the errors of checkNetwork; CONFLICT for `configOnly` of a transient network
 */
export function planNetworkChange(request: ChangeRequest, state: State): ChangePlan {
  const { network, configOnly } = request;
  if (configOnly && !network.persistent) {
    throw new KvmnetError('CONFLICT', `network ${network.name} is transient: it has no configuration`, {
      hint: 'leave out --config',
    });
  }
  const title = `change network ${network.name}`;
  const parts = partsOf(request);
  if (parts.live.all.length + parts.config.all.length === 0) {
    return { title, steps: [], warnings: [], consent: [], replugged: [], seconds: 0, changes: [] };
  }
  const findings = checked(request, state);
  const { steps, consent, warnings, replugged, seconds } = stepsOf(request, parts, state);
  return {
    title,
    steps,
    replugged,
    seconds,
    consent: [...findings.consent, ...consent],
    warnings: [
      ...findings.warnings,
      ...lostReservations(network.inactive ?? network.network, request.wanted),
      ...mtuWarning(parts, replugged),
      ...warnings,
    ],
    changes: changesOf(request, parts, replugged, seconds),
  };
}

interface Part {
  readonly from: Network | undefined;
  readonly to: Network | undefined;
  readonly all: readonly Difference[];
  /** The entries that lead there; undefined where sections alone do not. */
  readonly entries: readonly SectionChange[] | undefined;
}

interface Parts {
  readonly live: Part;
  readonly config: Part;
}

function partsOf({ network, wanted, configOnly }: ChangeRequest): Parts {
  const live = part(network.active ? network.network : undefined, configOnly ? undefined : wanted.live);
  const isRemarkOnly = network.persistent && live.all.every(isRemark);
  return {
    // A title is the configuration's: libvirt has no way to a running network's.
    live: isRemarkOnly ? { ...live, all: [], entries: [] } : live,
    config: part(network.inactive, wanted.config),
  };
}

function part(from: Network | undefined, wanted: Network | undefined): Part {
  if (from === undefined || wanted === undefined) return { from, to: wanted, all: [], entries: [] };
  const to = arrangeLike(from, wanted);
  const all = realDifferences(from, to);
  return { from, to, all, entries: all.length === 0 ? [] : sectionChanges(from, to) };
}

/** Errors of the desired definition refuse it; questions that already applied to the present one are not asked again. */
function checked({ network, wanted }: ChangeRequest, state: State): Pick<ChangePlan, 'warnings' | 'consent'> {
  const to = wanted.config ?? wanted.live;
  const from = network.inactive ?? network.network;
  if (to === undefined) return { warnings: [], consent: [] };
  const known = new Set(checkNetwork(withUuid(from, network), state).map(({ message }) => message));
  const findings = checkNetwork(withUuid(to, network), state);
  const isNew = ({ message }: Finding): boolean => !known.has(message);
  refuse(findings.filter(isNew));
  return advisories(findings.filter(isNew));
}

function withUuid(network: Network, { uuid }: NetworkState): Network {
  return { ...network, uuid: network.uuid ?? uuid };
}

type Steps = Omit<RestartPlan, 'title'>;

function stepsOf({ network, uuid }: ChangeRequest, { live, config }: Parts, state: State): Steps {
  const none = { consent: [], warnings: [], replugged: [], seconds: 0 };
  const redefine =
    config.to === undefined || config.all.length === 0
      ? undefined
      : definition(network, buildNetwork(withUuid(config.to, network)), state);
  if (live.all.length === 0 || live.to === undefined) return { ...none, steps: redefine ? [redefine] : [] };
  if (live.entries === undefined) {
    if (!network.persistent) {
      const createXml = buildNetwork(withUuid(live.to, network));
      return restartSteps([{ network, to: live.to, change: { createXml } }], state, uuid);
    }
    const to = config.to ?? network.inactive ?? live.to;
    const change = redefine && { redefine, oldXml: network.inactiveXml ?? network.xml };
    return restartSteps([{ network, to, ...(change ? { change } : {}) }], state, uuid);
  }
  const entries = live.entries;
  if (sameEntries(entries, config.entries)) {
    return { ...none, steps: entries.map((entry) => entryStep(network, entry, { live: true, config: true })) };
  }
  const steps = entries.map((entry) => entryStep(network, entry, { live: true, config: false }));
  return { ...none, steps: [...steps, ...(redefine ? [redefine] : [])] };
}

function sameEntries(left: readonly SectionChange[], right: readonly SectionChange[] | undefined): boolean {
  const text = (entries: readonly SectionChange[]): string =>
    entries
      .map(
        ({ section, parentIndex, add, entry }) => `${String(section)} ${String(parentIndex)} ${String(add)} ${entry}`,
      )
      .join('\n');
  return right !== undefined && text(left) === text(right);
}

/** A new configuration, which must come back as it was sent: on a full disk libvirt loses it. */
function definition(network: NetworkState, xml: string, { connection }: State): Step {
  const step = redefineStep(network, xml, network.inactiveXml);
  // The test driver does not show what is to come while a network is active.
  if (connection.hypervisor === 'TEST') return step;
  return { ...step, verify: { expect: 'definition', network: network.uuid, config: xml } };
}

/** One entry, in one definition or both: libvirt checks both before it changes either. */
function entryStep(
  { name, uuid, active }: Pick<NetworkState, 'name' | 'uuid' | 'active'>,
  change: SectionChange,
  scopes: { readonly live: boolean; readonly config: boolean },
): Step {
  const { section, parentIndex, add, entry, pattern, words } = change;
  const flags = (scopes.live ? updateFlags.live : 0) | (scopes.config ? updateFlags.config : 0);
  const call = (command: number, xml: string): Action => ({
    call: 'networkUpdate',
    network: uuid,
    command,
    section,
    parentIndex,
    xml,
    flags,
  });
  const adding = call(updateCommand.addLast, entry);
  const removing = call(updateCommand.delete, pattern);
  const where = scopes.live ? (scopes.config ? 'live and in its configuration' : 'live') : 'in its configuration';
  return {
    title: `${add ? 'add' : 'remove'} ${words} ${add ? 'to' : 'from'} network ${name}${active ? `, ${where}` : ''}`,
    do: add ? adding : removing,
    undo: [add ? removing : adding],
    verify: { expect: 'section', network: uuid, section, parentIndex, xml: entry, present: add, ...scopes },
  };
}

/** A subnet of another one takes its reservations along. */
function lostReservations(from: Network, { live, config }: WantedNetwork): readonly string[] {
  const to = config ?? live;
  const hosts = (of: Network | undefined): readonly string[] =>
    (of?.ips ?? []).flatMap(({ dhcp }) =>
      (dhcp?.hosts ?? []).map(({ mac, id, name, ip }) => `${mac ?? id ?? name ?? ''} ${ip ?? ''}`),
    );
  const subnets = (of: Network | undefined): string => (of?.ips ?? []).map(({ address }) => address).join(' ');
  if (subnets(from) === subnets(to)) return [];
  const left = new Set(hosts(to));
  const lost = hosts(from).filter((host) => !left.has(host));
  return lost.length === 0 ? [] : [`reservations of the old subnet go with it: ${lost.join(', ')}`];
}

/** A tap keeps the MTU that it was created with, and a guest the one that it got at boot. */
function mtuWarning({ live }: Parts, replugged: readonly Replugged[]): readonly string[] {
  const changes = live.all.some(({ path }) => path.startsWith('mtu'));
  const guests = [...new Set(replugged.map(({ domain }) => domain))].join(', ');
  return changes && guests !== '' ? [`the new MTU reaches ${guests} at the next boot`] : [];
}

function changesOf(
  { network }: ChangeRequest,
  { live, config }: Parts,
  replugged: readonly Replugged[],
  seconds: number,
): readonly NetworkChange[] {
  const guests = new Set(replugged.map(({ domain }) => domain)).size;
  const cut =
    guests === 0 ? 'no guests' : `${String(guests)} ${guests === 1 ? 'guest' : 'guests'}, about ${String(seconds)} s`;
  const isActive = network.active && live.all.length > 0;
  const part = isActive ? live : config;
  const restarts = isActive && live.entries === undefined;
  const when = restarts
    ? ({ when: 'restart', cost: cut } as const)
    : isActive
      ? ({ when: 'live' } as const)
      : ({ when: 'at the next start' } as const);
  const { from, to } = part;
  if (from === undefined || to === undefined) return [];
  const entries = entryChanges(from, to).map(({ add, words, name }): NetworkChange => {
    const effect = when.when === 'live' ? effects[name] : undefined;
    return { what: `${add ? 'add' : 'remove'} ${words}`, ...when, ...(effect === undefined ? {} : { cost: effect }) };
  });
  const rest = [...differences(restOf(from), restOf(to)), ...(part === config ? [] : config.all.filter(isRemark))];
  const distinct = new Map(rest.map((difference) => [difference.path, difference]));
  return [
    ...entries,
    ...[...distinct.values()].map((difference): NetworkChange => ({
      what: `${difference.path}: ${valueText(difference.left)} -> ${valueText(difference.right)}`,
      ...(isRemark(difference) && network.persistent ? ({ when: 'configuration only' } as const) : when),
    })),
  ];
}

/** Side effects of a live change. */
const effects: Readonly<Partial<Record<SectionChange['name'], string>>> = {
  range: 'dnsmasq restarts: names are not answered for a moment',
  txt: 'dnsmasq restarts: names are not answered for a moment',
  srv: 'dnsmasq restarts: names are not answered for a moment',
  portgroup: 'for NICs that are attached from now on',
};

/** `1400`, `size 1400`, or JSON for what has more to it. */
function valueText(value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const entries = Object.entries(value ?? {});
  const isFlat = entries.every(([, inner]) => typeof inner !== 'object');
  return isFlat ? entries.map(([key, inner]) => `${key} ${String(inner)}`).join(' ') : JSON.stringify(value);
}
