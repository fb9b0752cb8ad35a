/** Input and output of a check of configuration files. */
import type { Config } from '../../config/config.ts';
import type { ConfiguredDevice, SourcedValue } from '../../config/device.ts';
import type { ConfigFacts } from '../../config/facts.ts';
import type { InterfacesDevice } from '../../config/ifupdown/read.ts';

/** All files that belong together, and what is known of the host they are for. */
export interface FileSubject {
  readonly configs: readonly Config[];
  /** Undefined for files of another host, or of none. */
  readonly facts: ConfigFacts | undefined;
}

/** The files, and the devices that they configure. */
export interface LintSubject extends FileSubject {
  readonly devices: readonly ConfiguredDevice[];
  /** The stanzas of ifupdown, by device. */
  readonly interfaces: readonly InterfacesDevice[];
}

/** The mistake in one line, and the text to write instead. */
export interface Complaint {
  readonly path: string;
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** An error keeps a device from coming up as it is meant; a warning is what experience speaks against. */
export type LintSeverity = 'error' | 'warning';

/** One kind of mistake. docs/lint.md has a section of each code. */
export interface LintCheck<Subject = LintSubject> {
  readonly code: string;
  readonly severity: LintSeverity;
  readonly find: (subject: Subject) => readonly Complaint[];
}

/** A check that looks at no device. */
export type FileCheck = LintCheck<FileSubject>;

export interface LintFinding extends Complaint {
  readonly code: string;
  readonly severity: LintSeverity;
}

/** A finding about an entry. */
export function about({ path, line }: Pick<SourcedValue, 'path' | 'line'>, message: string, remedy: string): Complaint {
  return { path, line, message, remedy };
}

/** `line 4`, or with the file where it is another one than the reader has before him. */
export function placeOf({ path, line }: Pick<SourcedValue, 'path' | 'line'>, from: Pick<SourcedValue, 'path'>): string {
  return path === from.path ? `line ${line}` : `${path}, line ${line}`;
}
