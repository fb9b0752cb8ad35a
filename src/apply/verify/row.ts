/** How a kind of expectation is read, as a row. */
import type { Connection } from '../../libvirt/connection.ts';
import type { Expectation } from '../../plan/step.ts';
import type { Reading } from './reading.ts';

export type Expected<E extends Expectation['expect']> = Extract<Expectation, { readonly expect: E }>;

/** The functions are methods, so that the row of any expectation is a row of `Expectation`: verify.ts gives each its own. */
export interface ReadingRow<E extends Expectation> {
  /** Describes what a reading of this moment lacks; undefined if it lacks nothing. */
  missing(connection: Connection, expected: E): Promise<string | undefined>;
  /** Reads what the expectation is about, to be compared later. */
  subjects(connection: Connection, expected: E): Promise<Reading>;
  /** True where a guest may take its time. */
  waitsForGuest?(expected: E): boolean;
}

export type ReadingRows<E extends Expectation['expect']> = { readonly [K in E]: ReadingRow<Expected<K>> };
