/** The question before a change that disconnects or loses something. */
import { KvmnetError } from '../../errors.ts';
import type { Plan } from '../../plan/step.ts';
import { printable } from '../../values/printable.ts';
import type { GlobalOptions } from '../global-options.ts';
import type { Progress } from '../output/progress.ts';
import type { Streams } from '../output/streams.ts';
import type { Session } from '../session.ts';
import { askYes } from './prompt.ts';

/** The user, and the options that may answer for them. */
interface User {
  readonly options: GlobalOptions;
  readonly progress: Progress;
  readonly streams: Streams;
  readonly session: Session;
}

/**
 * Asks on a terminal, unless --yes was given.
 * @throws DECLINED where the answer is no, or no user can answer
 */
export async function requireConsent(plan: Plan, user: User, signal: AbortSignal): Promise<void> {
  const { options, progress, streams, session } = user;
  if (options.yes) return;
  progress.stop();
  const sentences = consentText(plan.consent);
  const or = plan.alternative === undefined ? '' : `; or ${plan.alternative}`;
  if (!(streams.stdin.isTTY ?? false) || session.isScript) {
    throw new KvmnetError('DECLINED', `${plan.title} needs your consent:\n${sentences}`, {
      hint: `repeat the command with --yes to accept${or}`,
      details: { consent: plan.consent },
    });
  }
  if (!(await askYes(streams, `${sentences}\n${printable(plan.title)}?`, signal))) {
    throw new KvmnetError('DECLINED', `${plan.title}: declined; nothing was changed`);
  }
}

/** A host with hundreds of guests would push the question off the screen. */
const mostSentences = 10;

function consentText(consent: readonly string[]): string {
  const shown = consent.slice(0, mostSentences).map((sentence) => printable(sentence));
  const left = consent.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${String(left)} more: --dry-run lists them all`] : [])].join('\n');
}
