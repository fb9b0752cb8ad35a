/** How many columns of a terminal a text takes: for other text than ASCII, since the tables of all characters take long to load. */
import stringWidth from 'string-width';

/** A wide character takes two columns. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** wcwidth(3) of each character, where string-width takes a whole emoji or syllable for one. */
export function codePointWidth(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + wcwidth(character), 0);
}

function wcwidth(character: string): number {
  if (character === '\u00ad') return 1; // the soft hyphen
  return /[\u1160-\u11ff]/.test(character) ? 0 : stringWidth(character); // vowels and finals of Hangul join the letter before
}
