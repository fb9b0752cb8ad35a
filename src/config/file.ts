/** Common parts of all formats of configuration files: entries with their line numbers. */

/** A file as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** Its permission bits, such as 0o600; undefined if they were not read. */
  readonly mode?: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Where its path is a symbolic link: where that leads to. */
  readonly link?: string;
}

/** A key with its value; lines count from 1. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A section with its entries: `[Network]`. The same name may come several times. */
export interface ConfigSection {
  readonly name: string;
  readonly line: number;
  readonly entries: readonly ConfigEntry[];
}

/** A line that the format's own reader refuses. Parsers collect these and continue, so that all are reported together. */
export interface ConfigProblem {
  readonly line: number;
  /** The mistake, as text that follows the file and the line. */
  readonly message: string;
  readonly remedy: string;
}

/** The lines of a text, numbered from 1, without their ends (a carriage return is one) and without a byte order mark. */
export function numberedLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.map((each, index) => ({ line: index + 1, text: each }));
}
