/** A line of text -> commands and their words, as virsh reads a single argument and what is typed at its prompt. */
import { VirshError } from './error.ts';

/**
 * Commands end at `;` and at line ends, words at blanks; quotes and backslashes as in a shell; `#` before a word starts a comment.
 * @throws USAGE for a double quote that is not closed, and for a backslash at the end
 */
export function splitVirshLine(line: string): string[][] {
  const commands: string[][] = [[]];
  let position = 0;
  while (position < line.length) {
    const left = line.slice(position);
    const skipped = /^(?:(?:[ \t]|\\\n)+|#[^\n]*)/.exec(left)?.[0];
    if (skipped !== undefined) {
      position += skipped.length;
    } else if (/^[;\n]/.test(left)) {
      commands.push([]);
      position += 1;
    } else {
      const [word, length] = readWord(left);
      commands.at(-1)?.push(word);
      position += length;
    }
  }
  return commands.filter((words) => words.length > 0);
}

function readWord(line: string): [word: string, length: number] {
  let word = '';
  let quote = '';
  let index = 0;
  for (; index < line.length; index += 1) {
    const character = line[index] ?? '';
    if (quote === '' && /[ \t;\n]/.test(character)) break;
    if (character === quote) quote = '';
    else if (quote === '' && /['"]/.test(character)) quote = character;
    else if (character === '\\' && quote !== "'") {
      index += 1;
      if (index === line.length) throw new VirshError('USAGE', `the line ends in a backslash: ${line}`, 'dangling \\');
      if (line[index] !== '\n') word += line[index] ?? '';
    } else word += character;
  }
  // virsh lets the end of the line close a single quote.
  if (quote === '"') throw new VirshError('USAGE', `a double quote is not closed: ${line}`, 'missing "');
  return [word, index];
}
