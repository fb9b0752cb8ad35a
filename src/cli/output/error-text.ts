import { exhausted, KvmnetError } from '../../errors.ts';
import { unpainted, type Paint } from './color.ts';
import { safeJson, printable, printableLines } from '../../values/printable.ts';

/** Formats an error for the user: its sentence and the next step, or one JSON object; a stack only for bugs of kvmnet. */
export function errorText(error: unknown, json: boolean, paint: Paint = unpainted): string {
  const lacking = error instanceof KvmnetError ? undefined : exhausted(error);
  const known = lacking === undefined ? error : new KvmnetError('BACKEND', lacking);
  if (!(known instanceof KvmnetError)) {
    const stack = known instanceof Error ? (known.stack ?? known.message) : String(known);
    return `${printableLines(stack)}\n${paint('error', 'error:')} this is a bug in kvmnet; please report it with the lines above\n`;
  }
  const { code, message, hint, details } = known;
  if (json) return `${safeJson({ error: { code, message, hint, details } })}\n`;
  const next = hint === undefined ? '' : `${paint('hint', 'hint:')} ${printable(hint)}\n`;
  return `${paint('error', 'error:')} ${printableLines(message)}\n${next}`;
}
