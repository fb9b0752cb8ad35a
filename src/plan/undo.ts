/** A plan that takes back one that was done: its steps' own ways back, in reverse order. */
import { KvmnetError } from '../errors.ts';
import type { State } from '../state/state.ts';
import { unreadableDomains } from '../state/unreadable.ts';
import { parseDomain } from '../xml/domain.ts';
import { parseInterface } from '../xml/interface.ts';
import { parseNetwork } from '../xml/network.ts';
import { stopStep } from './steps/network.ts';
import { planNetworkDelete, planNetworkStop } from './network/lifecycle.ts';
import { rootPorts } from './nic/slots.ts';
import { fileExpectation } from './persist/persist.ts';
import { subjectsOf } from './subjects.ts';
import type { Action, DeviceChange, Expectation, NicExpectation, Plan, Step } from './step.ts';

/** What was done, as the journal has it. */
export interface DonePlan {
  readonly title: string;
  readonly steps: readonly Step[];
  /** What it is about, where its steps are not known. */
  readonly subjects?: readonly string[];
}

/**
 * The way back from `done`. `later` is what was done after it: where that touched the same network or domain, it is asked about.
 * @throws CONFLICT where nothing of it can be undone
 */
export function planUndo(done: DonePlan, later: readonly DonePlan[], state: State): Plan {
  const steps = stopFirst([...done.steps].reverse().flatMap(inverse), state);
  if (steps.length === 0) {
    throw new KvmnetError('CONFLICT', `"${done.title}" cannot be undone: it changed nothing that can be put back`, {
      hint: 'kvmnet history shows the numbers of other changes',
    });
  }
  const touched = new Set(done.steps.flatMap(subjectsOf));
  const since = later.filter((plan) =>
    (plan.subjects ?? plan.steps.flatMap(subjectsOf)).some((subject) => touched.has(subject)),
  );
  const cut = cutOff(steps, state);
  return {
    title: undoTitle(done.title),
    steps,
    warnings: cut.warnings,
    consent: [
      ...since.map(({ title }) => `since then "${title}" was done, which touched the same`),
      ...cut.consent,
      ...stoppedDomains(steps, state),
    ],
  };
}

/** The title of the plan that takes back the one with this title. */
function undoTitle(title: string): string {
  const [, undone] = /^undo "(.*)"$/.exec(title) ?? [];
  return undone === undefined ? `undo "${title}"` : `redo "${undone}"`;
}

/** Of a network that somebody has started since, its definition alone would go: it is stopped before. */
function stopFirst(steps: readonly Step[], { networks }: State): Step[] {
  const isStopped = (uuid: string): boolean =>
    steps.some(({ do: action }) => action.call === 'networkDestroy' && action.network === uuid);
  return steps.flatMap((step) => {
    const { do: action } = step;
    if (action.call !== 'networkUndefine' || isStopped(action.network)) return [step];
    return [...networks.filter(({ uuid, active }) => uuid === action.network && active).map(stopStep), step];
  });
}

/** The actions that take a step back, each a step of its own; the step itself is the way back from the first. */
function inverse(step: Step): Step[] {
  return step.undo.map((action, index) => ({
    title: `undo: ${step.title}`,
    do: action,
    undo: index === 0 ? [again(step)] : [],
    verify: expectationOf(action, step),
    ...(step.pause === undefined ? {} : { pause: step.pause }),
  }));
}

/**
 * The step once more. A NIC that was taken out by its alias has another one when it is back: its definition tells which it is. Of links it is
 * what they should be, for those that are half undone take other commands.
 */
function again({ do: action, undo: [attach], verify }: Step): Action {
  if (verify.expect === 'links') return { call: 'hostRestore', links: verify.links };
  return action.call === 'domainDetachDeviceAlias' && attach?.call === 'domainAttachDevice'
    ? { ...attach, call: 'domainDetachDevice' }
    : action;
}

/** What must be true once an action that takes `step` back is done. */
export function expectationOf(action: Action, { verify }: Step): Expectation {
  switch (action.call) {
    case 'networkDefine':
    case 'networkUndefine':
    case 'networkUndefineKeepingLeases':
      return { expect: 'network', network: networkOf(action, verify), defined: action.call === 'networkDefine' };
    case 'networkSetAutostart':
      return { expect: 'network', network: networkOf(action, verify), autostart: action.autostart };
    case 'networkStart':
    case 'networkCreate':
      return { expect: 'network', network: networkOf(action, verify), active: true };
    case 'networkDestroy':
      return { expect: 'network', network: networkOf(action, verify), active: false };
    case 'domainStart':
      return { expect: 'domain', domain: action.domain, active: true };
    case 'domainShutdown':
    case 'domainDestroy':
      return { expect: 'domain', domain: action.domain, active: false };
    case 'domainSuspend':
    case 'domainResume':
      return { expect: 'domain', domain: action.domain, paused: action.call === 'domainSuspend' };
    case 'domainSetAutostart':
      return { expect: 'domain', domain: action.domain, autostart: action.autostart };
    case 'domainUndefine':
      return { expect: 'domain', domain: action.domain, defined: false };
    case 'domainAttachDevice':
      return nicExpectation(action, verify, {});
    case 'domainUpdateDevice': {
      const { network, bridge, dev } = parseInterface(action.xml).source ?? {};
      const source = network ?? bridge ?? dev;
      return nicExpectation(action, verify, source === undefined ? {} : { source });
    }
    case 'domainDetachDevice':
    case 'domainDetachDeviceAlias':
      return nicExpectation(action, verify, false);
    case 'domainSetInterfaceRates':
      return nicExpectation({ domain: action.domain, live: true, config: false }, verify, {
        rate: {
          in: action.inbound.average || null,
          out: action.outbound.average || null,
          ...(action.inbound.floor === undefined ? {} : { floor: action.inbound.floor || null }),
        },
      });
    case 'domainDefine':
      if (verify.expect === 'domain') return { expect: 'domain', domain: verify.domain, defined: true };
      return verify.expect === 'rootPorts' ? { ...verify, count: rootPorts(parseDomain(action.xml)) } : { ...verify };
    case 'hostLinks':
      return verify.expect === 'netns' ? { ...verify, present: !verify.present } : { ...verify };
    case 'hostRestore':
      return { expect: 'links', links: action.links };
    case 'hostSetDns':
      return { expect: 'dns', dev: action.dev, scope: action.scope };
    case 'hostWriteFile':
      return fileExpectation(action);
    case 'hostSetPortVlans':
      return { expect: 'portVlans', domain: action.domain, mac: action.mac, vlans: action.vlans };
    case 'hostLinkVlans': {
      const { call: _call, ...vlans } = action;
      return { expect: 'linkVlans', ...vlans };
    }
    case 'hostSetMaster':
      return { expect: 'master', link: action.link, master: action.master };
    case 'hostEndDnsmasq':
      return { expect: 'dnsmasq', name: action.name, running: false };
    case 'hostDeleteBridge':
      return { expect: 'no bridge', bridge: action.bridge };
    case 'hostDeleteRules':
      return { expect: 'no rules', bridge: action.bridge, subnets: action.subnets, only: action.only };
    default:
      return verify.expect === 'section' ? { ...verify, present: !verify.present } : { ...verify };
  }
}

/** What the step looked at comes first: a renamed network is told by its name, for its UUID stays. */
function networkOf(action: Action, verify: Expectation): string {
  if (verify.expect === 'network') return verify.network;
  if ('network' in action) return action.network;
  return 'network' in verify ? (verify.network ?? '') : '';
}

function nicExpectation(
  { domain, live, config }: Pick<DeviceChange, 'domain' | 'live' | 'config'>,
  verify: Expectation,
  expected: NicExpectation | false,
): Expectation {
  const mac = 'mac' in verify ? verify.mac : '';
  return { expect: 'nic', domain, mac, ...(live ? { live: expected } : {}), ...(config ? { config: expected } : {}) };
}

/** Who is cut off, or could not start again, when networks are stopped or undefined by this. */
function cutOff(steps: readonly Step[], state: State): Pick<Plan, 'warnings' | 'consent'> {
  const named = (call: Action['call']): string[] =>
    steps.flatMap(({ do: action }) => (action.call === call && 'network' in action ? [action.network] : []));
  const there = (uuids: readonly string[]): string[] =>
    uuids.filter((uuid) => state.networks.some((network) => network.uuid === uuid));
  const back = new Set(steps.flatMap(({ do: action }) => returning(action)));
  const isBack = (uuid: string): boolean => back.has(uuid);
  const stopped = there(named('networkDestroy'));
  const passing = planNetworkStop(stopped.filter(isBack), state);
  const plans = [
    planNetworkDelete(
      there(named('networkUndefine')).filter((uuid) => !isBack(uuid)),
      state,
    ),
    planNetworkStop(
      stopped.filter((uuid) => !isBack(uuid)),
      state,
    ),
    // Its guests are plugged back by the same plan.
    { warnings: [], consent: passing.consent.map((sentence) => `${sentence} for a moment`) },
  ];
  const merged = (key: 'warnings' | 'consent'): string[] => [...new Set(plans.flatMap((plan) => plan[key]))];
  return { warnings: merged('warnings'), consent: merged('consent') };
}

/** What running domains lose when they are stopped or undefined by this. */
function stoppedDomains(steps: readonly Step[], state: State): readonly string[] {
  const running = [...state.domains, ...unreadableDomains(state)].filter(({ active }) => active);
  const named = (call: Action['call']): readonly string[] =>
    steps.flatMap(({ do: action }) => {
      const domain = action.call === call && 'domain' in action ? action.domain : undefined;
      return running.filter(({ uuid }) => uuid === domain).map(({ name }) => name);
    });
  const stopped = named('domainDestroy');
  return [
    ...stopped.map((name) => `this pulls the plug of ${name}, which runs: it loses what it has not written`),
    ...named('domainUndefine')
      .filter((name) => !stopped.includes(name))
      .map((name) => `${name} runs, and is gone when it stops: this removes its definition`),
  ];
}

/** The UUID of a network that is there again after an action. */
function returning(action: Action): string[] {
  if (action.call === 'networkStart') return [action.network];
  const uuid = action.call === 'networkDefine' ? parseNetwork(action.xml).uuid : undefined;
  return uuid === undefined ? [] : [uuid];
}
