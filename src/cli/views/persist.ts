/** Files that change, as a diff. */
import type { FileChange } from '../../config/file-change.ts';
import { unifiedDiff } from '../output/diff.ts';

/** Formats files like diff -u; the heading marks new and deleted ones. */
export function changesText(changes: readonly FileChange[]): string {
  return changes.map(changeText).join('\n');
}

export function changeText({ path, before, after, mode }: FileChange): string {
  if (before === null) return `+++ ${path} (new, mode 0${mode.toString(8)})\n${marked('+', after ?? '')}`;
  if (after === null) return `--- ${path} (removed)\n${marked('-', before)}`;
  return `--- ${path}\n+++ ${path}\n${unifiedDiff(before, after)}`;
}

/** `new`, `changed` or `removed`. */
export function changeKind({ before, after }: FileChange): string {
  return before === null ? 'new' : after === null ? 'removed' : 'changed';
}

function marked(mark: '+' | '-', text: string): string {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `${mark}${line}`)
    .join('\n');
}
