/** Reads the files of a journal's entry, with the checks that they pass before anything is done with them: docs/security.md. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ownerFault } from '../../host/state-directory.ts';
import { isRoot, nameOfUser } from '../../host/users.ts';
import { hasHostAction } from '../../plan/actions/rows.ts';
import type { Step } from '../../plan/step.ts';
import { subjectsOf } from '../../plan/actions/expectations.ts';
import { stepsName, type JournalEntry, type Written } from './entry-file.ts';
import { shapeFault, stepsFault } from './entry-shape.ts';

/** The contents of an entry's files. */
type Content = Written & Pick<JournalEntry, 'subjects' | 'isWithheld'>;

/** The contents of an entry and its owner, or why it is not used, with the owner's user id if known. */
export type Reading =
  | { readonly content: Content; readonly owner: number }
  | { readonly fault: string; readonly owner?: number | undefined };

interface Source {
  readonly directory: string;
  readonly isShared: boolean;
}

/**
 * Reads an entry.
 * @returns undefined where the file has got another name in the meantime, or is of a time when the journal was root's alone
 */
export function readEntry(source: Source, name: string, id: string): Reading | undefined {
  const file = readJournalFile(source, name);
  if (file === undefined || 'fault' in file) return file;
  const { text, owner } = file;
  const parsed = parse(text, shapeFault);
  if (parsed.fault !== undefined) return { fault: parsed.fault, owner };
  const written = parsed.value as Written;
  const user = owner === 0 ? written.user : nameOfUser(owner);
  const isOfHost = written.subjects !== undefined || written.confirm !== undefined || hasHostAction(written.steps);
  if (source.isShared && owner !== 0 && isOfHost) {
    return { fault: `it has what only root's changes have, and is ${user}'s`, owner };
  }
  if (written.subjects === undefined) {
    const subjects = written.steps.flatMap(subjectsOf);
    return { content: { ...written, user, subjects, isWithheld: false }, owner };
  }
  const rest = readSteps(source, id);
  if ('fault' in rest) return { ...rest, owner };
  return { content: { ...written, user, ...rest, subjects: written.subjects }, owner };
}

/** The steps that are in a file of their own, which only root can read. */
function readSteps(
  source: Source,
  id: string,
): { readonly steps: readonly Step[]; readonly isWithheld: boolean } | { readonly fault: string } {
  const file = readJournalFile(source, stepsName(id));
  if (file === undefined) return isRoot() ? { fault: 'its steps are missing' } : { steps: [], isWithheld: true };
  if ('fault' in file) return { fault: `its steps: ${file.fault}` };
  if (file.owner !== 0) return { fault: 'its steps are not of root' };
  const { value, fault } = parse(file.text, stepsFault);
  return fault === undefined
    ? { steps: value as readonly Step[], isWithheld: false }
    : { fault: `its steps: ${fault}` };
}

function parse(
  text: string,
  faultOf: (value: unknown) => string | undefined,
): { value?: unknown; fault?: string | undefined } {
  try {
    const value: unknown = JSON.parse(text);
    return { value, fault: faultOf(value) };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'it is not a complete JSON document' };
    throw error;
  }
}

type File = { readonly text: string; readonly owner: number } | { readonly fault: string; readonly owner?: number };

/**
 * Reads a file of the journal, of whatever kind.
 * @returns undefined if it does not exist, or this user may not read it
 */
export function readJournalFile({ directory, isShared }: Source, name: string): File | undefined {
  let file: number;
  try {
    // A FIFO would wait for a writer, and a link may lead to any file.
    file = openSync(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || (code === 'EACCES' && isShared && !isRoot()) ? undefined : { fault: message };
  }
  try {
    const found = fstatSync(file);
    const fault = fileFault(found, isShared);
    return fault === undefined ? { text: readFileSync(file, 'utf8'), owner: found.uid } : { fault, owner: found.uid };
  } finally {
    closeSync(file);
  }
}

/** Why a file of the journal is not trusted. In a shared journal each member's file is as good as that member's own change. */
export function fileFault(
  found: Pick<Stats, 'uid' | 'gid' | 'mode' | 'nlink' | 'isFile'>,
  isShared: boolean,
): string | undefined {
  if (!found.isFile()) return 'it is not a regular file';
  if (found.nlink !== 1) return 'it has another name too';
  if (!isShared) return ownerFault(found);
  return (found.mode & 0o022) === 0 ? undefined : 'other users can write it';
}
