/**
 * Text of others (a guest's host name, a title) with its control characters made visible: a terminal obeys them.
 * Also U+2028, U+2029 and the bidirectional overrides, which draw one thing and mean another.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
