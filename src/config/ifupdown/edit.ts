/** Changes stanzas of /etc/network/interfaces and leaves every other line as it is. Source: interfaces(5). */
import type { IfaceStanza, Interfaces } from './parse.ts';
import type { LineEdit } from '../line-edit.ts';

/** The lines of a stanza's options that are not ours to write: hooks, comments between them, options of other packages. */
export function foreignLines(
  edit: LineEdit,
  stanza: IfaceStanza,
  isOurs: (option: IfaceStanza['options'][number]) => boolean,
): readonly string[] {
  const [from, to] = rangeOf(edit, stanza);
  const ours = new Set(stanza.options.filter(isOurs).flatMap(({ line }) => numbers(line, edit.endOf(line))));
  return numbers(edit.endOf(from) + 1, to)
    .filter((number) => !ours.has(number))
    .map((number) => edit.line(number));
}

/** From its first line to its last option; comments and blank lines behind that belong to what follows. */
export function rangeOf(edit: LineEdit, { line, options }: IfaceStanza): readonly [from: number, to: number] {
  return [line, edit.endOf(Math.max(line, ...options.map((option) => option.line)))];
}

/** Removes a name from the lines that bring it up; a line without another name is deleted. */
export function removeFromClasses(edit: LineEdit, { classes }: Interfaces, name: string): void {
  for (const { names, line } of classes) {
    if (!names.includes(name)) continue;
    const left = names.filter((each) => each !== name);
    const word = new RegExp(`\\s+${name.replaceAll('.', '\\.')}(?=\\s|$)`);
    edit.replace(line, edit.endOf(line), left.length === 0 ? [] : [edit.line(line).replace(word, '')]);
  }
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
