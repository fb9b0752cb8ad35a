/** Finds later changes by other programs to what a run has changed: kvmnet does not undo those without asking. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { cidr } from '../plan/host/wanted.ts';
import type { Action, Step } from '../plan/step.ts';
import { subjectsOf } from '../plan/actions/expectations.ts';
import { actionsOf, rowOf as planRowOf } from '../plan/actions/rows.ts';
import type { JournalEntry } from './journal/entry-file.ts';
import { rowOf } from './actions/rows.ts';
import { contentOf, type Subject } from './verify/reading.ts';
import { readSubjects } from './verify/verify.ts';
import { seenOf, type Seen } from './journal/seen.ts';

/**
 * Compares what the begun steps of an entry are about with what runs have seen of it.
 * @returns a phrase for each network, domain, link and file that is otherwise: `network lab (autostart, definition)`; none where nothing is known
 */
export async function changedSince(connection: Connection, entry: JournalEntry): Promise<readonly string[]> {
  const seen = seenOf(entry);
  if (!seen) return [];
  const begun = entry.steps.slice(0, entry.begun);
  const open = seen.open.flatMap((index) => begun[index] ?? []);
  const known = (key: string, field: string): readonly (string | undefined)[] =>
    seen.readings.flatMap((reading) => (reading[key] === undefined ? [] : [reading[key].fields[field]]));
  const now: Record<string, Subject> = {};
  for (const step of begun) {
    if (subjectsOf(step).some((key) => now[key] === undefined))
      Object.assign(now, await readSubjects(connection, step));
  }
  const phrases: string[] = [];
  for (const [key, subject] of Object.entries(now)) {
    if (seen.readings.every((reading) => reading[key] === undefined)) continue;
    const changed: string[] = [];
    for (const [field, value] of Object.entries(subject.fields)) {
      if (known(key, field).includes(value) || wasLeftOut(seen, key, field)) continue;
      if (!(await isOfOpenStep(connection, open, { key, field, value }, Object.keys(now)))) changed.push(field);
    }
    if (changed.length > 0) phrases.push(phrase(subject, changed));
  }
  return phrases;
}

/**
 * True if a reading of an existing object lacks the field: that kvmnet did not read it, so its earlier value
 * is unknown.
 */
function wasLeftOut({ readings }: Seen, key: string, field: string): boolean {
  return readings.some((reading) => {
    const { definition, [field]: value } = reading[key]?.fields ?? {};
    return definition !== undefined && definition !== 'none' && value === undefined;
  });
}

function phrase({ name, fields }: Subject, changed: readonly string[]): string {
  return fields.definition === 'none' ? `${name} (it does not exist any more)` : `${name} (${changed.join(', ')})`;
}

interface Value {
  readonly key: string;
  readonly field: string;
  readonly value: string;
}

/**
 * True if a step that was never seen to end may have made the value.
 * @param keys of all subjects: an action on one of them makes nothing of the others
 */
async function isOfOpenStep(
  connection: Connection,
  open: readonly Step[],
  now: Value,
  keys: readonly string[],
): Promise<boolean> {
  for (const step of open) {
    for (const action of actionsOf([step])) {
      const changes: readonly string[] = planRowOf(action).changes;
      const own = ownKey(action);
      const isOfAnother = own !== undefined && own !== now.key && keys.includes(own);
      if (changes.includes(now.field) && !isOfAnother && (await isPlanned(connection, step, action, now))) return true;
    }
  }
  return false;
}

/** The network or domain that an action names; undefined for links, files and definitions, which `isPlanned` compares. */
function ownKey(action: Action): string | undefined {
  if ('domain' in action) return action.domain;
  return 'network' in action ? action.network : undefined;
}

async function isPlanned(connection: Connection, step: Step, action: Action, now: Value): Promise<boolean> {
  switch (now.field) {
    case 'definition':
      return hasPlannedDefinition(connection, action, now.key);
    case 'content':
      return action.call === 'hostWriteFile' && now.value === (await contentOf(action.text ?? undefined));
    case 'addresses': {
      const planned = addressesOf(step);
      return now.value.split(' ').every((address) => address === '' || planned.has(address));
    }
    default:
      return true;
  }
}

/** The addresses that links have before and after a step; those in the middle of it are some of both. */
function addressesOf({ verify, undo }: Step): ReadonlySet<string> {
  const wanted = [
    ...(verify.expect === 'links' ? [verify.links] : []),
    ...undo.flatMap((action) => (action.call === 'hostRestore' ? [action.links] : [])),
  ];
  return new Set(wanted.flatMap((links) => Object.values(links).flatMap((link) => link?.addresses?.map(cidr) ?? [])));
}

/** A definition that a step writes as a whole has what the step wrote, and no more than libvirt adds to it. */
async function hasPlannedDefinition(connection: Connection, action: Action, key: string): Promise<boolean> {
  try {
    return (await rowOf(action).isWritten?.(connection, action, key)) ?? true;
  } catch (error) {
    if (error instanceof KvmnetError) return true; // deleted or unreadable: the undo reports it
    throw error;
  }
}
