import { KvmnetError } from '../errors.ts';
import { printable } from './printable.ts';

/** What the user sees of an error: its sentence and the next step, or one JSON object; a stack only for our own mistakes. */
export function errorText(error: unknown, json: boolean): string {
  if (!(error instanceof KvmnetError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${stack}\nerror: this is a bug in kvmnet; please report it with the lines above\n`;
  }
  const { code, message, hint, details } = error;
  if (json) return `${JSON.stringify({ error: { code, message, hint, details } })}\n`;
  const lines = message.split('\n').map((line) => printable(line));
  return `error: ${lines.join('\n')}\n${hint === undefined ? '' : `hint: ${printable(hint)}\n`}`;
}
