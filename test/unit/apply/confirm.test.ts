import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { isOfEarlierBoot, pendingChange, refusal, remaining } from '../../../src/apply/confirm.ts';
import { begin, entryOf, updateEntry, unconfirmed, type JournalEntry } from '../../../src/apply/journal/journal.ts';
import { watch } from '../../../src/apply/watch.ts';
import { uptime } from '../../../src/host/processes.ts';
import { MemoryDriver } from './driver.ts';
import { failureOf, lab, networkXml, outcomes, ownDirectories, planOf, prepare, run, steps } from './material.ts';

const directory = ownDirectories();

/** A change that awaits confirmation for this number of seconds. */
function waiting(seconds: number): JournalEntry {
  const confirm = { within: 60, deadline: uptime() + seconds, until: '2026-11-28T20:13:39.000Z' };
  const begun = steps.slice(0, 1);
  const entry = begin({ uri: 'qemu:///session', command: 'c', inputs: [], title: 'define lab', steps: begun, confirm });
  return updateEntry(updateEntry(entry, { begun: 1 }), { outcome: 'unconfirmed' });
}

async function prepared(): Promise<MemoryDriver> {
  const driver = new MemoryDriver();
  await prepare(driver);
  await driver.call('networkDefine', { xml: networkXml('lab', lab) });
  return driver;
}

/** Makes an entry one that an earlier boot of this machine has left. */
function rebooted({ place }: JournalEntry): void {
  const file = `${directory()}/journal/${place.name}`;
  const written = JSON.parse(readFileSync(file, 'utf8')) as { process: { boot: string } };
  written.process.boot = 'an earlier one';
  writeFileSync(file, JSON.stringify(written));
}

const nothing = planOf('nothing', []);

describe('a change that awaits confirmation', () => {
  it('blocks every other change, and reports for how long', async () => {
    const entry = waiting(60);
    expect(pendingChange()?.id).toBe(entry.id);
    expect(remaining(entry)).toBeGreaterThan(0);
    expect(refusal(entry).message).toMatch(/^"define lab" by .* is awaiting confirmation \(\d+ s left\)/);
    const driver = await prepared();
    const error = await failureOf(run(driver, nothing));
    expect(error).toMatchObject({ code: 'LOCKED', hint: expect.stringContaining('rollback') });
    expect(driver.content).toMatchObject({ networks: [{ name: 'lab' }] });
  });

  it('is undone by the next run where its time is over and no watchdog has done it', async () => {
    waiting(-1);
    const driver = await prepared();
    await run(driver, nothing);
    expect(driver.content).toMatchObject({ networks: [] });
    expect(outcomes(driver)).toEqual(['define lab: undone']);
  });

  it('has gone with the last boot', async () => {
    const entry = waiting(60);
    rebooted(entry);
    expect(unconfirmed().map(isOfEarlierBoot)).toEqual([true]);
    expect(pendingChange()).toBeUndefined();
    const driver = await prepared();
    const told: string[] = [];
    await run(driver, nothing, 'c', { onLeftover: (_entry, treatment) => told.push(treatment) });
    expect(told).toEqual(['forget']);
    expect(driver.content).toMatchObject({ networks: [{ name: 'lab' }] });
    expect(entryOf(entry.id)?.outcome).toBe('abandoned');
  });
});

describe('the watchdog', () => {
  it.each(['done', 'undone', 'abandoned'] as const)('has nothing to do for a change that is %s', async (outcome) => {
    const { id } = updateEntry(waiting(60), { outcome });
    const said: string[] = [];
    await watch(id, (text) => said.push(text));
    expect(said).toEqual([]);
    expect(entryOf(id)?.outcome).toBe(outcome);
  });

  it('ends when the entry is gone', async () => {
    await watch('00000001-2026-11-28T201339.333Z-1', () => undefined);
    expect(unconfirmed()).toEqual([]);
  });

  it('keeps checking until the change is confirmed', async () => {
    const entry = waiting(600);
    const watching = watch(entry.id, () => undefined);
    updateEntry(entry, { outcome: 'done' });
    await watching;
    expect(entryOf(entry.id)?.outcome).toBe('done');
  });
});
