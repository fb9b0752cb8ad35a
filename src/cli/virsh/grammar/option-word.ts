/** The form of an option's word. */

/** True for an option, as virsh defines it: two dashes, then a letter or digit. */
export function isOption(word: string): boolean {
  return /^--[a-z0-9]/i.test(word);
}

/** `--name=VALUE` -> its two parts. */
export function splitOption(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word.slice(2), undefined] : [word.slice(2, equals), word.slice(equals + 1)];
}
