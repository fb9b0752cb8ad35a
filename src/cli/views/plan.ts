/** A plan as people and programs see it: with --dry-run, and after it was applied. */
import type { ChangeResult } from '../../apply/session.ts';
import type { Action, Plan } from '../../plan/step.ts';
import type { Result } from '../command.ts';
import type { Context } from '../context.ts';

/** The steps, the exact XML that they send, and what will be asked. */
export function planText(plan: Plan): string {
  if (plan.steps.length === 0) return `${plan.title}: nothing to do`;
  const steps = plan.steps.map((step, index) => {
    const exact = exactly(step.do);
    return `${String(index + 1)}. ${step.title}${exact === '' ? '' : `\n${indent(exact)}`}`;
  });
  const consent = plan.consent.map((sentence) => `needs --yes: ${sentence}`);
  return [
    `${plan.title}, ${plan.steps.length === 1 ? 'in one step' : `in ${String(plan.steps.length)} steps`}; nothing is done with --dry-run`,
    ...steps,
    ...consent,
  ].join('\n');
}

/** What is sent to libvirt, run or written, letter by letter. */
function exactly(action: Action): string {
  if ('xml' in action) return action.xml.trimEnd();
  if (action.call === 'hostLinks') return action.commands.map((words) => `ip ${words.join(' ')}`).join('\n');
  if (action.call === 'hostWriteFile') return action.text?.trimEnd() ?? '';
  return '';
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '   ');
}

/** What was changed, for programs; `-o name` prints the names. */
interface Changed {
  readonly network?: string | undefined;
  readonly networks?: readonly string[];
  readonly domain?: string;
  readonly [more: string]: unknown;
}

/** The result of a change: with --dry-run its plan; else what was done, told by `done`. */
export function changeResult(
  context: Context,
  { plan, resumed }: ChangeResult,
  done: string,
  value: Changed = {},
): Result {
  const names = namesOf(value);
  const table = { rows: names, columns: [{ heading: 'Name', cell: (name: string) => name }] };
  const { title, steps, warnings, consent } = plan;
  if (context.options.dryRun) {
    return { value: { dryRun: true, title, steps, warnings, consent }, text: planText(plan), table };
  }
  const changed = steps.length > 0;
  const finished = resumed ? `finished what an earlier run began: ${done}` : done;
  return {
    value: { changed, resumed, title, steps: steps.map((step) => step.title), ...value },
    text: changed ? finished : `${title}: nothing to do`,
    table,
  };
}

function namesOf({ network, networks, domain }: Changed): readonly string[] {
  return networks ?? [network ?? domain].filter((name) => name !== undefined);
}
