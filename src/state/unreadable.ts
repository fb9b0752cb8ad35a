/** Networks and domains whose definition cannot be read. */
import { KvmnetError } from '../errors.ts';
import type { State, Unreadable } from './state.ts';

export function unreadableText({ object, name, problem }: Pick<Unreadable, 'object' | 'name' | 'problem'>): string {
  return `${object} ${name} cannot be read: ${problem}`;
}

/** Returns the domains whose definition cannot be read. */
export function unreadableDomains({ unreadable = [] }: Pick<State, 'unreadable'>): readonly Unreadable[] {
  return unreadable.filter(({ object }) => object === 'domain');
}

/** Reads one definition. @throws INPUT with the object's name added to the reader's message */
export function readNamed<T>(object: Unreadable['object'], name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof KvmnetError ? cannotRead({ object, name, problem: error.message }) : error;
  }
}

/** @throws INPUT for the name or UUID of one, with the reason */
export function requireReadable(
  { unreadable = [] }: Pick<State, 'unreadable'>,
  object: Unreadable['object'],
  nameOrUuid: string,
): void {
  const found = unreadable.find(
    (each) => each.object === object && (each.name === nameOrUuid || each.uuid === nameOrUuid.toLowerCase()),
  );
  if (found) throw cannotRead(found);
}

function cannotRead(what: Pick<Unreadable, 'object' | 'name' | 'problem'>): KvmnetError {
  const dump = what.object === 'network' ? 'net-dumpxml' : 'dumpxml';
  return new KvmnetError('INPUT', unreadableText(what), { hint: `virsh ${dump} ${what.name} prints its definition` });
}
