/** A plan that undoes an applied one: the undo actions of its steps, in reverse order. */
import { KvmnetError } from '../errors.ts';
import type { State } from '../state/state.ts';
import { unreadableDomains } from '../state/unreadable.ts';
import { parseNetwork } from '../xml/network.ts';
import { subjectsOf } from './actions/expectations.ts';
import { againOf, expectationOf } from './actions/rows.ts';
import { stopStep } from './steps/network.ts';
import { planNetworkDelete, planNetworkStop } from './network/lifecycle.ts';
import type { Action, Plan, Step } from './step.ts';

/** An applied plan, from the journal. */
export interface DonePlan {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Its subjects, if its steps are unknown. */
  readonly subjects?: readonly string[];
}

/**
 * Plans the undo of `done`. `later` has the changes after it: the plan asks the user about changes of the same networks or domains.
 * @throws CONFLICT if nothing of it can be undone
 */
export function planUndo(done: DonePlan, later: readonly DonePlan[], state: State): Plan {
  const inverses = done.steps.map((step, index) => inverse(step, done.steps[index - 1]?.pause));
  const steps = stopFirst(inverses.reverse().flat(), state);
  if (steps.length === 0) {
    throw new KvmnetError('CONFLICT', `"${done.title}" cannot be undone: it changed nothing that can be restored`, {
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
      ...since.map(({ title }) => `"${title}" has changed the same since then`),
      ...cut.consent,
      ...stoppedDomains(steps, state),
    ],
  };
}

/** The title of the plan that undoes the one with this title. */
function undoTitle(title: string): string {
  const [, undone] = /^undo "(.*)"$/.exec(title) ?? [];
  return undone === undefined ? `undo "${title}"` : `redo "${undone}"`;
}

/** Undefining an active network would only make it transient: it is stopped first. */
function stopFirst(steps: readonly Step[], { networks }: State): Step[] {
  const isStopped = (uuid: string): boolean =>
    steps.some(({ do: action }) => action.call === 'networkDestroy' && action.network === uuid);
  return steps.flatMap((step) => {
    const { do: action } = step;
    if (action.call !== 'networkUndefine' || isStopped(action.network)) return [step];
    return [...networks.filter(({ uuid, active }) => uuid === action.network && active).map(stopStep), step];
  });
}

/**
 * The actions that undo a step, each as a step of its own; the original step undoes the first of them.
 * @param pause after them, as between the step and the one before it
 */
function inverse(step: Step, pause: number | undefined): Step[] {
  return step.undo.map((action, index) => ({
    title: `undo: ${step.title}`,
    do: action,
    undo: index === 0 ? [againOf(step)] : [],
    verify: expectationOf(action, step),
    ...(pause === undefined || index < step.undo.length - 1 ? {} : { pause }),
  }));
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
    // The same plan reattaches its guests.
    { warnings: [], consent: passing.consent.map((sentence) => `${sentence} for a moment`) },
  ];
  const merged = (key: 'warnings' | 'consent'): string[] => [...new Set(plans.flatMap((plan) => plan[key]))];
  return { warnings: merged('warnings'), consent: merged('consent') };
}

/** Consequences for running domains that are stopped or undefined. */
function stoppedDomains(steps: readonly Step[], state: State): readonly string[] {
  const running = [...state.domains, ...unreadableDomains(state)].filter(({ active }) => active);
  const named = (call: Action['call']): readonly string[] =>
    steps.flatMap(({ do: action }) => {
      const domain = action.call === call && 'domain' in action ? action.domain : undefined;
      return running.filter(({ uuid }) => uuid === domain).map(({ name }) => name);
    });
  const stopped = named('domainDestroy');
  return [
    ...stopped.map((name) => `this powers off ${name}, which is running: it loses unwritten data`),
    ...named('domainUndefine')
      .filter((name) => !stopped.includes(name))
      .map((name) => `${name} is running, and disappears when it stops: this removes its definition`),
  ];
}

/** The UUID of a network that an action restores. */
function returning(action: Action): string[] {
  if (action.call === 'networkStart') return [action.network];
  const uuid = action.call === 'networkDefine' ? parseNetwork(action.xml).uuid : undefined;
  return uuid === undefined ? [] : [uuid];
}
