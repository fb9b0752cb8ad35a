/**
 * The journal: what a run is about to do is on disk before the first change, so that the next run can say what a killed one left, and
 * finish or undo it. One file an entry, readable by its owner only, replaced as a whole at each step.
 */
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { writeWhole } from '../host/files.ts';
import { isRunning, thisProcess, type ProcessIdentity } from '../host/processes.ts';
import type { Step } from '../plan/step.ts';

/** How a run ended, or that it has not. */
export type Outcome = 'running' | 'done' | 'undone' | 'partial';

export interface JournalEntry {
  readonly version: 1;
  /** The time it began, which is also its file's name. */
  readonly id: string;
  readonly process: ProcessIdentity;
  readonly uri: string;
  /** What was asked, as the user typed it. */
  readonly command: string;
  readonly title: string;
  readonly steps: readonly Step[];
  /** How many steps were begun: the last of them may be half done. */
  readonly begun: number;
  readonly outcome: Outcome;
}

/** Kept beside those that still run: older entries are removed. */
const kept = 200;

/** `KVMNET_STATE_DIR`, or /var/lib/kvmnet for root and the XDG state directory for everybody else. */
export function stateDirectory(): string {
  const chosen = process.env.KVMNET_STATE_DIR;
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.getuid?.() === 0) return '/var/lib/kvmnet';
  return join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'kvmnet');
}

const directory = (): string => join(stateDirectory(), 'journal');
const fileOf = (id: string): string => join(directory(), `${id}.json`);

/**
 * Writes a new entry to disk.
 * Throws BACKEND where it cannot be written: without a journal nothing is changed.
 */
export function begin(entry: Pick<JournalEntry, 'uri' | 'command' | 'title' | 'steps'>): JournalEntry {
  const process = thisProcess();
  const id = `${new Date().toISOString().replaceAll(':', '')}-${String(process.pid)}`;
  const begun: JournalEntry = { version: 1, id, process, ...entry, begun: 0, outcome: 'running' };
  save(begun);
  prune();
  return begun;
}

/** Replaces an entry on disk. */
export function save(entry: JournalEntry): void {
  try {
    mkdirSync(directory(), { recursive: true, mode: 0o700 });
    chmodSync(directory(), 0o700);
    writeWhole(fileOf(entry.id), `${JSON.stringify(entry, null, 1)}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KvmnetError('BACKEND', `the journal cannot be written: ${why}`, {
      hint: `make room or give rights to ${directory()}, or name another place in KVMNET_STATE_DIR`,
      cause,
    });
  }
}

/** The entries of runs on this URI that neither ended nor run any more, oldest first. */
export function leftovers(uri: string): JournalEntry[] {
  return entries().filter((entry) => entry.uri === uri && entry.outcome === 'running' && !isRunning(entry.process));
}

function entries(): JournalEntry[] {
  return names().flatMap((name) => {
    const entry = read(name);
    return entry ? [entry] : [];
  });
}

function names(): string[] {
  try {
    return readdirSync(directory())
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    return []; // There is no journal yet.
  }
}

function read(name: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(readFileSync(join(directory(), name), 'utf8')) as { readonly version?: number };
    return entry.version === 1 ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined; // Not ours, or of a later kvmnet: left alone.
  }
}

function prune(): void {
  const old = names().slice(0, -kept);
  for (const name of old) {
    if (read(name)?.outcome !== 'running') rmSync(join(directory(), name), { force: true });
  }
}
