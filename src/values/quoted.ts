/** Returns a word as it has to be typed in a shell: `'my net'`; a plain one stays as it is. */
export function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
