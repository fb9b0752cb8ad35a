import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  begin,
  brokenOff,
  close,
  discard,
  entryOf,
  history,
  leftovers,
  updateEntry,
} from '../../../../src/apply/journal/journal.ts';
import { seenOf, watched } from '../../../../src/apply/journal/seen.ts';
import { daemonOf } from '../../../../src/observe/uri.ts';
import { MemoryDriver } from '../driver.ts';
import { failureOf, lab, networkXml, ownDirectories, prepare, steps } from '../material.ts';

const directory = ownDirectories();
const uri = 'qemu:///session';
const request = { uri, command: 'net create lab', inputs: ['digest'], title: 'create network lab', steps };
const files = (): readonly string[] => readdirSync(`${directory()}/journal`).sort();

describe('an entry of the journal', () => {
  it('is on disk before anything is done, with all that is needed to finish or undo it', () => {
    const { id } = begin(request);
    expect(files()).toEqual([`${id}.0.running.json`]);
    expect(JSON.parse(readFileSync(`${directory()}/journal/${id}.0.running.json`, 'utf8'))).toMatchObject({
      version: 1,
      uri: daemonOf(uri),
      command: 'net create lab',
      inputs: ['digest'],
      steps,
    });
    expect(entryOf(id)).toMatchObject({ id, begun: 0, outcome: 'running', isWithheld: false });
  });

  it('has its progress in its name', () => {
    const entry = begin(request);
    const second = updateEntry(updateEntry(entry, { begun: 1 }), { begun: 2 });
    expect(files()).toEqual([`${entry.id}.2.running.json`]);
    close(second, 'done');
    expect(files()).toEqual([`${entry.id}.2.done.json`]);
    expect(entryOf(entry.id)).toMatchObject({ begun: 2, outcome: 'done' });
  });

  it("has the number after the newest entry's", () => {
    const ids = [begin(request), begin(request), begin(request)].map(({ id }) => id);
    expect(ids.map((id) => Number(id.slice(0, 8)))).toEqual([1, 2, 3]);
    expect(history(uri).map(({ id }) => id)).toEqual([...ids].reverse());
  });

  it('of a run of this process is left over, and of no other daemon', () => {
    const { id } = begin(request);
    expect(leftovers(uri).map((entry) => entry.id)).toEqual([id]);
    expect(leftovers('lxc:///system')).toEqual([]);
    expect(history('lxc:///system')).toEqual([]);
  });

  it('is not broken off while its process runs', () => {
    begin(request);
    expect(brokenOff(uri)).toEqual([]);
  });

  it('that has changed nothing goes, with what was seen', async () => {
    const driver = new MemoryDriver();
    await prepare(driver);
    const entry = begin(request);
    await watched({ entry, connection: driver }, steps[0]!, () => Promise.resolve());
    expect(files()).toHaveLength(2);
    discard(entry);
    expect(files()).toEqual([]);
  });

  it('of an undo settles what it undoes, also when it is undone itself', () => {
    const first = begin(request);
    close(updateEntry(first, { begun: 4 }), 'done');
    const undo = begin({ ...request, title: 'undo', undoes: first.id });
    close(undo, 'done');
    expect(entryOf(first.id)?.outcome).toBe('undone');
    const redo = begin({ ...request, title: 'redo', undoes: undo.id });
    close(redo, 'done');
    expect(entryOf(undo.id)?.outcome).toBe('undone');
    expect(entryOf(first.id)?.outcome).toBe('done');
  });

  it('that cannot be written stops the change', async () => {
    writeFileSync(`${directory()}/journal`, 'a file');
    const error = await failureOf(Promise.resolve().then(() => begin(request)));
    expect(error.code).toBe('BACKEND');
    expect(error.message).toMatch(/^nothing was changed, because the journal cannot be written/);
  });

  it('is one of the last 200, or is not settled', () => {
    const open = begin({ ...request, title: 'open' });
    for (let count = 0; count < 205; count++) close(begin({ ...request, title: 'settled' }), 'done');
    begin({ ...request, title: 'last' });
    const titles = history(uri).map(({ title }) => title);
    expect(titles).toHaveLength(201);
    expect(titles.at(-1)).toBe('open');
    expect(entryOf(open.id)?.outcome).toBe('running');
  });
});

describe('what a run has seen', () => {
  it('is a line before a step and a line after it', async () => {
    const driver = new MemoryDriver();
    await prepare(driver);
    const entry = begin(request);
    const run = { entry, connection: driver };
    await watched(run, steps[0]!, () => driver.call('networkDefine', { xml: networkXml('lab', lab) }));
    expect(seenOf(entry)).toMatchObject({
      open: [],
      readings: [{ [lab]: { fields: { definition: 'none' } } }, { [lab]: { fields: { active: 'false' } } }],
    });
    await watched(run, steps[1]!, () => Promise.reject(new Error('killed'))).catch(() => undefined);
    expect(seenOf(entry)?.open).toEqual([1]);
  });

  it('is nothing where nothing can be read', async () => {
    const driver = new MemoryDriver();
    await prepare(driver);
    driver.fail(1, 'lost before');
    await failureOf(driver.call('networkStart', { network: lab }));
    const entry = begin(request);
    await watched({ entry, connection: driver }, steps[0]!, () => Promise.resolve());
    expect(seenOf(entry)).toBeUndefined();
  });
});
