/**
 * Marks: the state of an entry as another user has changed it. In a shared journal only root can rename the
 * files of other users; a user who undoes or finishes another user's change writes a mark next to its entry.
 * A mark is empty: its name has the state.
 */
import { outcomes, type Mark, type OwnedMark } from './entry-file.ts';

export const markName = ({ id, number, begun, outcome }: Mark): string =>
  `${id}.${String(number).padStart(4, '0')}.${String(begun)}.${outcome}.mark`;

/** Parses the name of a mark; undefined for other files. */
export function parseMarkName(name: string): Mark | undefined {
  const [, id, number, begun, word] = /^([^.]+\.\d{3}Z-\d+)\.(\d{4,15})\.(\d+)\.([a-z]+)\.mark$/.exec(name) ?? [];
  const outcome = outcomes.find((each) => each === word);
  return id === undefined || outcome === undefined
    ? undefined
    : { id, number: Number(number), begun: Number(begun), outcome };
}

/**
 * The mark that is the state of an entry.
 * @param isRootsAlone true for an entry that only root can undo: marks of other users do not count
 * @returns undefined where no mark counts: the name of the entry's own file is its state
 */
export function currentMark(marks: readonly OwnedMark[], isRootsAlone: boolean): OwnedMark | undefined {
  return marks
    .filter(({ owner }) => owner === 0 || !isRootsAlone)
    .reduce<OwnedMark | undefined>((last, mark) => (last && last.number > mark.number ? last : mark), undefined);
}
