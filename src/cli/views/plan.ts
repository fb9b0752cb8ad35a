/** A plan as people and programs see it: with --dry-run, and after it was applied. */
import type { ChangeResult } from '../../apply/session.ts';
import { rowOf } from '../../plan/actions/rows.ts';
import type { Plan } from '../../plan/step.ts';
import type { Result } from '../command.ts';
import type { Context } from '../context.ts';

/** The steps, the exact XML that they send, and what will be asked. */
export function planText(plan: Plan): string {
  if (plan.steps.length === 0) return `${plan.title}: nothing to do`;
  const steps = plan.steps.map((step, index) => {
    const exact = rowOf(step.do).shows(step.do);
    return `${String(index + 1)}. ${step.title}${exact === '' ? '' : `\n${indent(exact)}`}`;
  });
  const consent = [
    ...plan.consent.map((sentence) => `needs --yes: ${sentence}`),
    ...(plan.alternative === undefined ? [] : [`or: ${plan.alternative}`]),
  ];
  const confirm = plan.confirm ? [`reverted unless it is confirmed within ${String(plan.confirm.within)} s`] : [];
  return [
    `${plan.title}, ${plan.steps.length === 1 ? 'in one step' : `in ${String(plan.steps.length)} steps`}; nothing is done with --dry-run`,
    ...steps,
    ...consent,
    ...confirm,
  ].join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '   ');
}

/** The changed objects, for programs; `-o name` prints the names. */
interface Changed {
  readonly network?: string | undefined;
  readonly networks?: readonly string[];
  readonly domain?: string | undefined;
  /** Links of the host. */
  readonly links?: readonly string[];
  readonly [more: string]: unknown;
}

/** Returns the result of a change: with --dry-run its plan, otherwise the text of `done`. */
export function changeResult(
  context: Context,
  { plan, resumed, pending }: ChangeResult,
  done: string,
  value: Changed = {},
): Result {
  const names = namesOf(value);
  const table = { rows: names, columns: [{ heading: 'Name', cell: (name: string) => name }] };
  const { title, steps, warnings, consent, confirm } = plan;
  if (context.options.dryRun) {
    return { value: { dryRun: true, title, steps, warnings, consent, confirm }, text: planText(plan), table };
  }
  const changed = steps.length > 0;
  const [first = ''] = done.split('\n');
  const sentence = context.options.quiet ? first : done;
  const finished = resumed ? `finished what an earlier run began: ${sentence}` : sentence;
  const deadline = pending && { confirmWithin: pending.within, deadline: pending.until };
  const told = pending ? `${finished}\n${confirmText(pending)}` : finished;
  return {
    value: { changed, resumed, title, steps: steps.map((step) => step.title), ...deadline, ...value },
    text: changed ? told : `${title}: nothing to do`,
    table,
  };
}

function confirmText({ within, ssh }: NonNullable<ChangeResult['pending']>): string {
  const how = ssh === undefined ? '' : ' over a new SSH connection';
  return `confirm within ${String(within)} s${how}, or it is reverted: kvmnet confirm`;
}

function namesOf({ network, networks, domain, links }: Changed): readonly string[] {
  return networks ?? links ?? [network ?? domain].filter((name) => name !== undefined);
}
