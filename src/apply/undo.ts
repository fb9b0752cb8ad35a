/** Takes steps back. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isLibvirtError } from '../libvirt/error.ts';
import type { Action, Step } from '../plan/step.ts';
import { perform } from './actions.ts';
import type { JournalEntry } from './entry-file.ts';
import { isUndone } from './is-undone.ts';
import { watched } from './seen.ts';
import { stillNeeded } from './still-needed.ts';
import { verify } from './verify.ts';

/** A step that could not be undone, and why. */
export interface UndoFailure {
  readonly step: Step;
  readonly error: unknown;
}

/** Undoes steps in reverse order; goes on past what fails, and returns that. */
export async function undo(
  run: { readonly connection: Connection; readonly entry: JournalEntry | undefined },
  steps: readonly Step[],
  onStep: ((step: Step) => void) | undefined,
): Promise<UndoFailure[]> {
  const failures: UndoFailure[] = [];
  for (const step of [...steps].reverse()) {
    if (step.undo.length === 0) continue;
    onStep?.(step);
    failures.push(...(await watched(run, step, () => undoStep(run.connection, step))));
  }
  return failures;
}

async function undoStep(connection: Connection, step: Step): Promise<UndoFailure[]> {
  const failures: UndoFailure[] = [];
  for (const action of step.undo) {
    try {
      const needed = await stillNeeded(connection, action, step);
      if (needed) await perform(connection, needed);
      if (needed) await requireReleased(connection, needed, step);
    } catch (error) {
      // A step that failed, or was killed, may have changed nothing: a reading tells, not the error.
      if (!(await isUndone(connection, action, step, error))) failures.push({ step, error });
    }
  }
  return failures;
}

/** libvirt says that a NIC is out once it has asked the guest for it. */
async function requireReleased(connection: Connection, action: Action, { verify: expected }: Step): Promise<void> {
  if (action.call !== 'domainDetachDevice' || expected.expect !== 'nic' || !action.live) return;
  const { domain, mac, slot } = expected;
  const gone = { expect: 'nic', domain, mac, ...(slot === undefined ? {} : { slot }), live: false } as const;
  const left = await verify(connection, gone, { guest: 5_000, other: 5_000 });
  if (left !== undefined) throw new KvmnetError('BACKEND', `${left}: the guest has not released it`);
}

/**
 * PARTIAL: what could not be undone, by name, after what failed at first.
 * @param isTriedAgain whether the next run tries to undo it once more
 */
export function undoError(
  title: string,
  first: string | undefined,
  failures: readonly UndoFailure[],
  isTriedAgain: boolean,
): KvmnetError {
  const left = failures.map(
    ({ step, error }) => `"${step.title}" (${error instanceof Error ? error.message : String(error)})`,
  );
  const before = first ?? title;
  return new KvmnetError('PARTIAL', `${before}\nnot undone: ${left.join(', ')}`, {
    hint: isTriedAgain
      ? 'see what is left: kvmnet net list, kvmnet domiflist; the next kvmnet command that changes this host tries to undo it once more'
      : 'see what is left, and repair it by hand: kvmnet net list, kvmnet domiflist; kvmnet does not try again',
    details: { notUndone: failures.map(({ step }) => step.title) },
  });
}

/** Calls that change whether something runs: of those, "the operation is not valid" means that nothing was done. */
const lifecycle: readonly Action['call'][] = [
  'networkStart',
  'networkDestroy',
  'domainStart',
  'domainShutdown',
  'domainDestroy',
  'domainReboot',
  'domainSuspend',
  'domainResume',
];

/** True when libvirt's answer says that it did nothing: somebody else has started or stopped it, and that is not ours to undo. */
export function didNothing({ call }: Action, error: unknown): boolean {
  return lifecycle.includes(call) && isLibvirtError(error, 'VIR_ERR_OPERATION_INVALID');
}

/**
 * True when libvirt has refused a device, or an update of a network: those it validates on both definitions before it changes either, and
 * what fails after that has other codes. Undoing an addition that was refused would delete what was in its way.
 */
export function isRefused({ call }: Action, error: unknown): boolean {
  // A slot that is taken, say: a NIC with the same MAC is then one that was there before.
  if (call === 'domainAttachDevice') return isLibvirtError(error, 'VIR_ERR_XML_ERROR');
  return call === 'networkUpdate' && isLibvirtError(error, ...refusals);
}

const refusals = [
  'VIR_ERR_OPERATION_INVALID',
  'VIR_ERR_OPERATION_UNSUPPORTED',
  'VIR_ERR_NO_SUPPORT',
  'VIR_ERR_CONFIG_UNSUPPORTED',
  'VIR_ERR_INVALID_ARG',
  'VIR_ERR_XML_ERROR',
  'VIR_ERR_INVALID_MAC',
] as const;
