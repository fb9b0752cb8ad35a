/** Candidates for bash's COMPREPLY: only the part after the last of its word breaks, escaped. */
import type { Candidate } from './candidate.ts';
import { escapeWord, splitLine } from '../terminal/shell-words.ts';

/**
 * readline replaces the text after the last character of COMP_WORDBREAKS (a colon of a MAC address, the `=` of an option), or after
 * an open quote.
 * @param typed the word as typed, with its quotes and backslashes
 * @param breaks bash's COMP_WORDBREAKS
 */
export function bashReplies(typed: string, candidates: readonly Candidate[], breaks: string): readonly string[] {
  const { open } = splitLine(typed);
  if (open === "'" || open === '"') {
    const kept = unquoted(typed.slice(0, typed.lastIndexOf(open) + 1)).length;
    return candidates.map(({ word }) => word.slice(kept));
  }
  const kept = unquoted(typed.slice(0, lastBreak(typed, breaks) + 1)).length;
  return candidates.map(({ word }) => escapeWord(word.slice(kept)));
}

function unquoted(text: string): string {
  return splitLine(text).words[0] ?? '';
}

/** Returns the index of the last unescaped break; -1 without one. */
function lastBreak(typed: string, breaks: string): number {
  for (let place = typed.length - 1; place >= 0; place -= 1) {
    const isEscaped = typed[place - 1] === '\\';
    if (!isEscaped && breaks.includes(typed.charAt(place)) && !`"'`.includes(typed.charAt(place))) return place;
  }
  return -1;
}
