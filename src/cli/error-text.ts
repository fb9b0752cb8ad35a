import { exhausted, KvmnetError } from '../errors.ts';
import { safeJson, printable, printableLines } from './printable.ts';

/** What the user sees of an error: its sentence and the next step, or one JSON object; a stack only for our own mistakes. */
export function errorText(error: unknown, json: boolean): string {
  const lacking = error instanceof KvmnetError ? undefined : exhausted(error);
  const known = lacking === undefined ? error : new KvmnetError('BACKEND', lacking);
  if (!(known instanceof KvmnetError)) {
    const stack = known instanceof Error ? (known.stack ?? known.message) : String(known);
    return `${printableLines(stack)}\nerror: this is a bug in kvmnet; please report it with the lines above\n`;
  }
  const { code, message, hint, details } = known;
  if (json) return `${safeJson({ error: { code, message, hint, details } })}\n`;
  return `error: ${printableLines(message)}\n${hint === undefined ? '' : `hint: ${printable(hint)}\n`}`;
}
