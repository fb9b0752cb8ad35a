/** /etc/netplan/*.yaml, as a tree in which every key knows its line. Source: netplan-yaml(5); netplan reads YAML 1.1. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type ParsedNode,
} from 'yaml';
import type { ConfigProblem } from '../file.ts';

/** A key of a map with its value; lines count from 1. */
export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlValue;
}

/** A value of YAML. Scalars are text as it was written, without quotes: `010` stays `010`, and an empty one is the empty text. */
export type YamlValue =
  | { readonly kind: 'map'; readonly line: number; readonly entries: readonly YamlEntry[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly YamlValue[] }
  | { readonly kind: 'scalar'; readonly line: number; readonly text: string };

/** A key that comes again in its map: netplan merges maps and lists, and takes the last of scalars. */
export interface RepeatedKey {
  readonly key: string;
  readonly line: number;
  /** Where it comes first. */
  readonly first: number;
}

export interface Netplan {
  /** The document; undefined where it is empty or not YAML. */
  readonly root: YamlValue | undefined;
  readonly repeated: readonly RepeatedKey[];
  readonly problems: readonly ConfigProblem[];
}

/** Maximum number of values with aliases expanded: more is an attack, not a configuration. */
const mostValues = 100_000;
const deepest = 64;

/** Never throws: what is not YAML is a problem with its line. */
export function parseNetplan(text: string): Netplan {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
    version: '1.1',
  });
  const problems = document.errors.map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    message: `this is not YAML: ${message.split('\n')[0] ?? message}`,
    remedy: remedyOf(message),
  }));
  if (problems.length > 0) return { root: undefined, repeated: [], problems };
  const reader = new Reader(document, lines);
  const root = document.contents === null ? undefined : reader.read(document.contents, 0);
  return { root, repeated: reader.repeated, problems: reader.problems };
}

function remedyOf(message: string): string {
  if (/tab/i.test(message)) return 'indent with spaces: YAML does not allow tabs';
  return 'indent what belongs together by the same number of spaces, and write a space after each colon';
}

/** YAML's nodes -> plain values. */
class Reader {
  readonly problems: ConfigProblem[] = [];
  readonly repeated: RepeatedKey[] = [];
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  #values = 0;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(node: Node | ParsedNode | null | undefined, depth: number, around = 1): YamlValue {
    const line = node?.range ? this.#lines.linePos(node.range[0]).line : around;
    this.#values += 1;
    if (depth > deepest || this.#values > mostValues) {
      if (this.problems.length === 0) {
        this.problems.push({
          line,
          message: 'too many values within each other',
          remedy: 'write the values instead of the aliases (*NAME)',
        });
      }
      return { kind: 'scalar', line, text: '' };
    }
    if (isAlias(node)) return { ...this.read(node.resolve(this.#document), depth + 1, line), line };
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => {
        const name = this.read(key as Node | null, depth + 1, line);
        return {
          key: name.kind === 'scalar' ? name.text : '',
          line: name.line,
          value: this.read(value as Node | null, depth + 1, name.line),
        };
      });
      return { kind: 'map', line, entries: this.#merged(entries) };
    }
    if (isSeq(node))
      return { kind: 'list', line, items: node.items.map((item) => this.read(item as Node, depth + 1, line)) };
    return { kind: 'scalar', line, text: isScalar(node) ? (node.source ?? '') : '' };
  }

  /** Of values that cannot be merged, the last one comes first, followed by the values that it replaces. */
  #merged(entries: readonly YamlEntry[]): readonly YamlEntry[] {
    const merged = new Map<string, readonly YamlEntry[]>();
    for (const entry of entries) {
      const [before, ...replaced] = merged.get(entry.key) ?? [];
      if (before) this.repeated.push({ key: entry.key, line: entry.line, first: replaced.at(-1)?.line ?? before.line });
      const value = before && this.#mergedValue(before.value, entry.value);
      if (before === undefined) merged.set(entry.key, [entry]);
      else if (value) merged.set(entry.key, [{ ...before, value }, ...replaced]);
      else merged.set(entry.key, [entry, before, ...replaced]);
    }
    return [...merged.values()].flat();
  }

  #mergedValue(before: YamlValue, after: YamlValue): YamlValue | undefined {
    if (before.kind === 'map' && after.kind === 'map') {
      return { ...before, entries: this.#merged([...before.entries, ...after.entries]) };
    }
    if (before.kind !== 'list' || after.kind !== 'list') return undefined;
    return { ...before, items: [...before.items, ...after.items] };
  }
}

/** Returns the value at a path of keys: `valueAt(root, 'network', 'bridges')`. */
export function valueAt(value: YamlValue | undefined, ...path: readonly string[]): YamlValue | undefined {
  return path.reduce<YamlValue | undefined>(
    (found, name) => (found?.kind === 'map' ? found.entries.find(({ key }) => key === name)?.value : undefined),
    value,
  );
}
