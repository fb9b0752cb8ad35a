/** A plan as people and programs see it: with --dry-run, and after it was applied. */
import type { ChangeResult } from '../../apply/session.ts';
import type { Plan } from '../../plan/step.ts';
import type { Result } from '../command.ts';
import type { Context } from '../context.ts';

/** The steps, the exact XML that they send, and what will be asked. */
export function planText(plan: Plan): string {
  if (plan.steps.length === 0) return `${plan.title}: nothing to do`;
  const steps = plan.steps.map((step, index) => {
    const xml = 'xml' in step.do ? `\n${indent(step.do.xml.trimEnd())}` : '';
    return `${String(index + 1)}. ${step.title}${xml}`;
  });
  const consent = plan.consent.map((sentence) => `needs --yes: ${sentence}`);
  return [
    `${plan.title}, in ${String(plan.steps.length)} steps; nothing is done with --dry-run`,
    ...steps,
    ...consent,
  ].join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '   ');
}

/** The result of a change: with --dry-run its plan; else what was done, told by `done`. */
export function changeResult(
  context: Context,
  { plan, resumed }: ChangeResult,
  done: string,
  value: object = {},
): Result {
  if (context.options.dryRun) {
    const { title, steps, warnings, consent } = plan;
    return { value: { dryRun: true, title, steps, warnings, consent }, text: planText(plan) };
  }
  const changed = plan.steps.length > 0;
  const steps = plan.steps.map(({ title }) => title);
  const text = changed
    ? resumed
      ? `finished what an earlier run began: ${done}`
      : done
    : `${plan.title}: nothing to do`;
  return { value: { changed, resumed, title: plan.title, steps, ...value }, text };
}
