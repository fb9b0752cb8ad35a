/** Candidates as bash's COMPREPLY wants them: only what stands behind the last of its word breaks, and escaped. */
import type { Candidate } from './candidate.ts';
import { escapeWord, splitLine } from '../terminal/words.ts';

/**
 * readline replaces what stands behind the last character of COMP_WORDBREAKS (a colon of a MAC address, the `=` of an option), or behind
 * an open quote.
 * @param typed the word as it stands on the line, with its quotes and backslashes
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

/** The place of the last break that is not escaped; -1 when there is none. */
function lastBreak(typed: string, breaks: string): number {
  for (let place = typed.length - 1; place >= 0; place -= 1) {
    const isEscaped = typed[place - 1] === '\\';
    if (!isEscaped && breaks.includes(typed.charAt(place)) && !`"'`.includes(typed.charAt(place))) return place;
  }
  return -1;
}
