/** Output of `net set` and `net edit`: each change with the moment at which it takes effect, before and after. */
import type { ChangeResult } from '../../apply/session.ts';
import type { ChangePlan, NetworkChange } from '../../plan/network/change.ts';
import type { Result } from '../command.ts';
import type { Context } from '../context.ts';
import { unifiedDiff } from '../output/diff.ts';
import type { Gap } from '../../apply/gap.ts';
import { redactText } from '../output/redact.ts';
import { gapText } from './gap.ts';
import { changeResult } from './plan.ts';

/** `live: + reservation 52:54:00:… 192.168.132.10`. */
function changeText({ what, when, cost }: NetworkChange): string {
  return `${when}${cost === undefined ? '' : ` (${cost})`}: ${what}`;
}

/** Printed on stderr before the change; only once, even if the plan is computed again under the lock. */
export function sayChanges(context: Context, { changes }: ChangePlan): void {
  if (context.options.dryRun) return;
  for (const change of changes) {
    const text = changeText(change);
    if (context.session.isNewWarning(text)) context.say(text);
  }
}

/** Prints the edited lines, without secrets, on stderr; only once, even if the plan is computed again under the lock. */
export function sayDiff(context: Context, before: string, edited: string): void {
  const text = redactText(unifiedDiff(before, edited));
  if (context.options.dryRun || !context.session.isNewWarning(text)) return;
  for (const line of text.split('\n')) context.say(line);
}

export function changedResult(
  context: Context,
  result: ChangeResult<ChangePlan>,
  gaps: readonly Gap[],
  name: string,
): Result {
  const changes = result.resumed ? [] : result.plan.changes;
  const done = [`changed network ${name}`, gapText(gaps)].filter((line) => line !== '').join('\n');
  const shown = changeResult(context, result, done, { network: name, changes, gaps });
  if (!context.options.dryRun) return shown;
  return {
    ...shown,
    value: { ...(shown.value as object), changes },
    text: [...changes.map(changeText), shown.text ?? ''].join('\n'),
  };
}
