/** The character that leaves a console, as virsh writes it: `^]` for Ctrl and ], or one character. */
import { KvmnetError } from '../../errors.ts';

export const defaultEscape = '^]';

/** Whether a text names an escape character, as virsh checks it. */
export function isEscape(text: string): boolean {
  return /^(\^[@A-Z[\]\\^_a-z]|[^^])$/.test(text);
}

/**
 * The byte that a key sends.
 * @throws USAGE for a text that names no character
 */
export function escapeByte(text: string): number {
  if (!isEscape(text)) {
    throw new KvmnetError('USAGE', `${JSON.stringify(text)} is not an escape character`, {
      hint: '^] is Ctrl and ]; or name one character',
    });
  }
  const code = Buffer.from(text.startsWith('^') ? text.slice(1).toUpperCase() : text)[0] ?? 0;
  return text.startsWith('^') ? code ^ 0x40 : code;
}

/** `^] (Ctrl + ])`. */
export function escapeText(text: string): string {
  return text.startsWith('^') ? `${text} (Ctrl + ${text.slice(1)})` : text;
}
