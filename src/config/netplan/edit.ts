/** Removes keys from a YAML file, and leaves every other line unchanged. */
import { isMap, isScalar, LineCounter, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { KvmnetError } from '../../errors.ts';
import type { ConfigFile } from '../file.ts';
import { LineEdit } from '../line-edit.ts';

/** Where a key stands: `['network', 'ethernets', 'eth0', 'addresses']`. */
export type YamlPath = readonly string[];

/**
 * The text without these keys; a map that has no other goes with them, but for the first.
 * @throws CONFLICT where a key shares its line with others: `{dhcp4: true, mtu: 9000}`
 */
export function withoutKeys({ path: file, text }: ConfigFile, paths: readonly YamlPath[]): string {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.1' });
  const edit = new LineEdit(text);
  const removed = new Set<Pair>();
  for (const path of paths) markRemoved(document.contents, path, removed);
  for (const { pair, map } of removedPairs(document.contents, removed)) {
    const [from, to] = rangeOf(pair, text);
    const [first, last] = [lines.linePos(from).line, lines.linePos(to).line];
    if (map.flow) {
      throw new KvmnetError(
        'CONFLICT',
        `${file}:${String(first)}: cannot remove ${nameOf(pair)}: it shares its line with other keys`,
        {
          hint: 'write the keys below each other, a line each, and repeat the command',
        },
      );
    }
    edit.replace(first, last, []);
  }
  return edit.text();
}

function markRemoved(node: unknown, path: YamlPath, removed: Set<Pair>): void {
  const [name, ...rest] = path;
  const pair = isMap(node) ? node.items.find((each) => nameOf(each) === name) : undefined;
  if (!pair) return;
  if (rest.length === 0) removed.add(pair);
  else markRemoved(pair.value, rest, removed);
  if (
    path.length < 4 &&
    isMap(pair.value) &&
    pair.value.items.length > 0 &&
    pair.value.items.every((each) => removed.has(each)) &&
    rest.length > 0 &&
    name !== 'network'
  )
    removed.add(pair);
}

/** The outermost: what is in them goes along. */
function* removedPairs(
  node: unknown,
  removed: ReadonlySet<Pair>,
): Generator<{ readonly pair: Pair; readonly map: YAMLMap }> {
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (removed.has(pair)) yield { pair, map: node };
    else yield* removedPairs(pair.value, removed);
  }
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

/** From the key to the end of its value, without the line's end. */
function rangeOf({ key, value }: Pair, text: string): readonly [from: number, to: number] {
  const range = (node: unknown): readonly number[] | undefined =>
    (node as { readonly range?: readonly number[] } | null)?.range ?? undefined;
  const from = range(key)?.[0] ?? 0;
  const end = Math.max(range(key)?.[1] ?? from, range(value)?.[1] ?? from);
  return [from, from + Math.max(0, text.slice(from, end).trimEnd().length - 1)];
}
