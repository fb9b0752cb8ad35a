/** Objects that tests of the engine change, and a state directory of their own. */
import { afterEach, beforeEach } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { change, type ChangeOptions, type ChangeResult } from '../../../src/apply/session.ts';
import { history } from '../../../src/apply/journal/journal.ts';
import type { JournalEntry } from '../../../src/apply/journal/entry-file.ts';
import { KvmnetError } from '../../../src/errors.ts';
import type { Connection } from '../../../src/libvirt/connection.ts';
import { observe } from '../../../src/observe/observe.ts';
import type { Plan, Step } from '../../../src/plan/step.ts';
import { autostartStep, defineStep } from '../../../src/plan/steps/network.ts';
import { planUndo } from '../../../src/plan/undo.ts';
import { MemoryDriver } from './driver.ts';

export const lab = '00000000-0000-4000-8000-0000000000a1';
export const other = '00000000-0000-4000-8000-0000000000a2';
export const vm = '00000000-0000-4000-8000-0000000000b1';
export const mac = '52:54:00:00:00:01';

export const networkXml = (name: string, uuid: string): string =>
  `<network><name>${name}</name><uuid>${uuid}</uuid></network>`;
export const domainXml = `<domain type="test"><name>web1</name><uuid>${vm}</uuid><devices/></domain>`;
export const nicXml = (network: string): string =>
  `<interface type="network"><mac address="${mac}"/><source network="${network}"/></interface>`;

const device = { domain: vm, xml: nicXml('lab'), live: true, config: true };

/** Four steps about a network and a running domain, each with an undo. */
export const steps: readonly Step[] = [
  defineStep('lab', lab, networkXml('lab', lab)),
  autostartStep('lab', lab, true),
  {
    title: 'start network lab',
    do: { call: 'networkStart', network: lab },
    undo: [{ call: 'networkDestroy', network: lab }],
    verify: { expect: 'network', network: lab, active: true },
  },
  {
    title: 'plug web1 into lab',
    do: { call: 'domainAttachDevice', ...device },
    undo: [{ call: 'domainDetachDevice', ...device }],
    verify: { expect: 'nic', domain: vm, mac, live: { source: 'lab' }, config: { source: 'lab' } },
  },
];

export const planOf = (title: string, done: readonly Step[], more: Partial<Plan> = {}): Plan => ({
  title,
  steps: done,
  warnings: [],
  consent: [],
  ...more,
});

export const create = planOf('create network lab', steps);
/** Has nothing in common with `create`. */
export const elsewhere = planOf('define network other', [defineStep('other', other, networkXml('other', other))]);

/** A running domain, and no network. */
export async function prepare(driver: MemoryDriver): Promise<void> {
  await driver.call('domainDefine', { xml: domainXml });
  await driver.call('domainStart', { domain: vm });
}

export function optionsFor(connection: Connection, command: string, more: Partial<ChangeOptions> = {}): ChangeOptions {
  return {
    connection,
    command,
    lockTimeout: 60_000,
    consent: () => Promise.resolve(),
    patience: { guest: 0, other: 0 },
    ...more,
  };
}

/** Applies a plan under the lock. */
export function run(
  driver: Connection,
  plan: Plan,
  command: string = plan.title,
  more: Partial<ChangeOptions> = {},
): Promise<ChangeResult> {
  return change(() => Promise.resolve(plan), optionsFor(driver, command, more));
}

/** The error that a change ends with. */
export async function failureOf(running: Promise<unknown>): Promise<KvmnetError> {
  const error: unknown = await running.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error instanceof KvmnetError) return error;
  throw new Error(`it did not fail with a KvmnetError, but with ${String(error)}`);
}

/** Undoes an entry, as `kvmnet undo` does. */
export function undoEntry(driver: Connection, entry: JournalEntry): Promise<ChangeResult> {
  return change(
    async () => {
      const seen =
        driver instanceof MemoryDriver
          ? await observe(driver, { only: ['networks', 'domains'] })
          : { networks: [], domains: [], ...(await observe(driver, { only: [] })) };
      const state = { ...seen, host: undefined };
      return { ...planUndo({ ...entry, steps: entry.steps.slice(0, entry.begun) }, [], state), undoes: entry.id };
    },
    optionsFor(driver, 'undo'),
  );
}

/** Title and outcome of all entries, newest first. */
export function outcomes(driver: MemoryDriver): readonly string[] {
  return history(driver.uri).map(({ title, outcome }) => `${title}: ${outcome}`);
}

/** Gives each test a state directory, and a run-time directory whose lock it takes; returns where they are. */
export function ownDirectories(): () => string {
  const names = ['KVMNET_STATE_DIR', 'XDG_RUNTIME_DIR'] as const;
  let directory = '';
  const before = names.map((name) => process.env[name]);
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/kvmnet-test-`);
    chmodSync(directory, 0o700);
    for (const name of names) process.env[name] = directory;
  });
  afterEach(() => {
    names.forEach((name, index) => {
      const value = before[index];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    });
    rmSync(directory, { recursive: true });
  });
  return () => directory;
}
