/**
 * /etc/sysconfig/network-scripts/ifcfg-*: KEY=VALUE as a shell reads it. Sources: sysconfig.txt of initscripts (the scripts source the file),
 * and shvar.c of NetworkManager, which reads assignments only.
 */
import { numberedLines, type ConfigEntry, type ConfigProblem } from '../file.ts';

export interface Ifcfg {
  readonly entries: readonly ConfigEntry[];
  readonly problems: readonly ConfigProblem[];
}

/** Entries in the file's order, their values without quotes; of a key that comes twice the last one counts. Never throws. */
export function parseIfcfg(text: string): Ifcfg {
  const entries: ConfigEntry[] = [];
  const problems: ConfigProblem[] = [];
  for (const { line, text: raw } of numberedLines(text)) {
    const statement = raw.trim();
    if (statement === '' || statement.startsWith('#')) continue;
    const [, key, quoted] = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(statement) ?? [];
    if (key === undefined || quoted === undefined) {
      problems.push({ line, ...noAssignment(statement) });
      continue;
    }
    const word = readWord(quoted);
    entries.push({ key, value: word.value, line });
    const problem = wordProblem(key, quoted, word);
    if (problem) problems.push({ line, ...problem });
  }
  return { entries, problems };
}

type Complaint = Omit<ConfigProblem, 'line'>;

function noAssignment(statement: string): Complaint {
  const [, key, value] = /^([A-Za-z_]\w*)\s*[=:]\s*(.*)$/.exec(statement) ?? [];
  if (key === undefined || value === undefined) {
    return {
      message: `${JSON.stringify(statement)} is not KEY=VALUE`,
      remedy: 'write KEY=VALUE, or # before a comment',
    };
  }
  return {
    message: `${JSON.stringify(statement)}: the shell wants KEY=VALUE, without spaces around =`,
    remedy: `write ${key}=${value}`,
  };
}

/** A word of the shell: its value, the text after it, and an unclosed quote. */
interface Word {
  readonly value: string;
  readonly rest: string;
  readonly open?: string;
}

function wordProblem(key: string, quoted: string, { rest, open }: Word): Complaint | undefined {
  if (open !== undefined) {
    return { message: `${key}=${quoted}: the quote ${open} is not closed`, remedy: `end the value with ${open}` };
  }
  if (rest === '' || rest === ';' || rest.startsWith('#')) return undefined;
  const isEmpty = /^\s/.test(quoted);
  const remedy = isEmpty ? `write ${key}=${quoted.trim()}` : `write ${key}="${quoted.replaceAll('"', '')}"`;
  return { message: `${key}=${quoted}: the shell takes ${JSON.stringify(rest)} for a command`, remedy };
}

/** One word by the shell's rules: quotes, and a backslash that takes the next character as it is. Nothing is expanded. */
function readWord(text: string): Word {
  let value = '';
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) quote = character;
    else if (quote === undefined && /[\s;&|]/.test(character)) return { value, rest: text.slice(at).trim() };
    else if (isEscape(character, next, quote)) {
      value += next;
      at += 1;
    } else value += character;
  }
  return { value, rest: '', ...(quote === undefined ? {} : { open: quote }) };
}

/** Within "…" a backslash escapes only what would be special there, and within '…' nothing. */
function isEscape(character: string, next: string, quote: string | undefined): boolean {
  if (character !== '\\' || next === '' || quote === "'") return false;
  return quote === undefined || /["\\$`]/.test(next);
}
