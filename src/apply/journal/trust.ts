/** Decides which changes of another user a user may undo or finish: docs/security.md. */
import { currentUser, isRoot } from '../../host/users.ts';
import { isLocal } from '../../observe/uri.ts';
import { hasHostAction, isHostAction } from '../../plan/actions/rows.ts';
import type { Step } from '../../plan/step.ts';
import type { JournalEntry } from './entry-file.ts';

type OfHost = Pick<JournalEntry, 'steps' | 'isWithheld'> & { readonly place: Pick<JournalEntry['place'], 'owner'> };

/** True for an entry of root that changes the host itself, where this user is not root. */
export function isForRoot({ place, steps, isWithheld }: JournalEntry): boolean {
  return !isRoot() && isOfHost({ place, steps, isWithheld });
}

/** True for an entry of root that changes the host itself: no other user undoes it, finishes it, or gives it a state. */
export function isOfHost({ place, steps, isWithheld }: OfHost): boolean {
  return place.owner === 0 && (isWithheld || hasHostAction(steps));
}

/** True where another user made a change. */
export function isAnothers({ user }: Pick<JournalEntry, 'user'>): boolean {
  return user !== currentUser();
}

/**
 * Steps as this user can undo them. Another user than root leaves what libvirt may leave on its host to root: those actions fail for that user,
 * and root runs none of them for another user.
 */
export function undoableSteps(steps: readonly Step[], uri: string): readonly Step[] {
  if (isRoot() || !isLocal(uri)) return steps;
  return steps.map((step) => ({ ...step, undo: step.undo.filter((action) => !isHostAction(action)) }));
}
