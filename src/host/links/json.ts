/** Reads the output of iproute2 with `-j`. */
import { KvmnetError } from '../../errors.ts';

/**
 * Reads a list of objects; nothing at all is an empty list, as iproute2 prints it.
 * @param command what printed it, for the error
 * @throws BACKEND for what is not such a list
 */
export function parseList(text: string, command: string): readonly unknown[] {
  if (text.trim() === '') return [];
  const found = parsed(text);
  // iproute2 prints {} for a link that vanished while it looked.
  if (Array.isArray(found) && found.every((each) => typeof each === 'object' && each !== null)) return found;
  throw new KvmnetError('BACKEND', `${command} printed something that is not its JSON: ${beginning(text)}`, {
    hint: `run ${command} by hand: is another program of that name installed?`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function beginning(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
}
