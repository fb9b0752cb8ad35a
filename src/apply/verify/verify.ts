/**
 * Compares the expected result of a step with a fresh reading: libvirt reports success also when nothing
 * changed, or a NIC still exists.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../libvirt/connection.ts';
import type { Expectation, Step } from '../../plan/step.ts';
import { domainReadings } from './domain.ts';
import { hostReadings } from './host.ts';
import { networkReadings } from './network.ts';
import { objectReadings } from './object.ts';
import type { Reading } from './reading.ts';
import type { ReadingRow, ReadingRows } from './row.ts';

/** A kind of expectation without a row does not compile. */
const rows: ReadingRows<Expectation['expect']> = {
  ...networkReadings,
  ...domainReadings,
  ...objectReadings,
  ...hostReadings,
};

function rowOf({ expect }: Expectation): ReadingRow<Expectation> {
  return rows[expect];
}

/** How long to wait for what comes late, in milliseconds. */
export interface Patience {
  readonly guest: number;
  readonly other: number;
}

const interval = 100;

/** Waits until a fresh reading shows what is expected; returns what is still missing at the deadline, in words. */
export async function verify(
  connection: Connection & { readonly forget?: () => void },
  expectation: Expectation,
  patience: Patience,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const row = rowOf(expectation);
  const waitsForGuest = row.waitsForGuest?.(expectation) ?? false;
  const deadline = performance.now() + (waitsForGuest ? patience.guest : patience.other);
  for (;;) {
    const missing = await row.missing(connection, expectation);
    if (missing === undefined || performance.now() >= deadline || signal?.aborted) return missing;
    await sleep(interval);
    connection.forget?.();
  }
}

/**
 * Reads what a step is about.
 * @throws what the connection or the host throws
 */
export function readSubjects(connection: Connection, { verify: expected }: Pick<Step, 'verify'>): Promise<Reading> {
  return rowOf(expected).subjects(connection, expected);
}
