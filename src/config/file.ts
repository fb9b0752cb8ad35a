/** What the host's configuration files have in common, whatever their format: entries that know the line they stand in. */

/** A file as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** Its permission bits, such as 0o600; undefined where nobody looked. */
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

/** A line that the format's own reader stumbles over. Parsers collect these and go on: a user hears of all of them at once. */
export interface ConfigProblem {
  readonly line: number;
  /** What is wrong, to stand behind the file and the line. */
  readonly message: string;
  readonly remedy: string;
}

/** The lines of a text, numbered from 1, without their ends (a carriage return is one) and without a byte order mark. */
export function numberedLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.map((each, index) => ({ line: index + 1, text: each }));
}
