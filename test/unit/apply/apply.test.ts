import { beforeEach, describe, expect, it } from '@jest/globals';
import { history } from '../../../src/apply/journal/journal.ts';
import { libvirtError, MemoryDriver, type Fault } from './driver.ts';
import {
  create,
  failureOf,
  lab,
  networkXml,
  other,
  outcomes,
  ownDirectories,
  planOf,
  prepare,
  run,
  steps,
  vm,
} from './material.ts';

ownDirectories();

let driver: MemoryDriver;
let before: unknown;
beforeEach(async () => {
  driver = new MemoryDriver();
  await prepare(driver);
  before = driver.content;
});

const numbers = steps.map((_step, index) => index + 1);

describe('a change', () => {
  it('does all steps in order, and is in the history as done', async () => {
    const told: string[] = [];
    await run(driver, create, 'net create lab', { onStep: ({ title }, phase) => told.push(`${phase} ${title}`) });
    expect(told).toEqual(steps.flatMap(({ title }) => [`begin ${title}`, `done ${title}`]));
    expect(driver.content).toMatchObject({ networks: [{ name: 'lab', autostart: true }] });
    expect(history(driver.uri)).toMatchObject([
      { command: 'net create lab', outcome: 'done', begun: 4, subjects: [lab, lab, lab, vm] },
    ]);
  });

  it('without steps leaves nothing in the history', async () => {
    await run(driver, planOf('nothing', []));
    expect(history(driver.uri)).toEqual([]);
  });

  it.each(
    (['refused', 'broken', 'ignored'] as const).flatMap((fault) => numbers.map((number) => [number, fault] as const)),
  )('whose step %i is %s leaves all as it was', async (number, fault: Fault) => {
    driver.fail(number, fault);
    const undone: string[] = [];
    const error = await failureOf(
      run(driver, create, 'c', { onStep: ({ title }, phase) => (phase === 'undo' ? undone.push(title) : 0) }),
    );
    expect(driver.content).toEqual(before);
    const isUntouched = number === 1 && fault === 'refused';
    expect(error.message).toMatch(/; everything is as before$/m);
    if (fault === 'ignored') expect(error.message).toContain('libvirt reported success, but');
    expect(outcomes(driver)).toEqual(isUntouched ? [] : ['create network lab: undone']);
    // A refused step is not undone: the object could be another program's.
    const begun = fault === 'refused' ? number - 1 : number;
    expect(undone).toEqual(
      steps
        .slice(0, begun)
        .map(({ title }) => title)
        .reverse(),
    );
  });

  it.each(numbers)('that is interrupted in step %i is undone', async (number) => {
    const abort = new AbortController();
    driver.onChange = (count) => {
      if (count === number + 2) abort.abort();
    };
    const error = await failureOf(run(driver, create, 'c', { signal: abort.signal }));
    expect(error.code).toBe('INTERRUPTED');
    expect(driver.content).toEqual(before);
    expect(outcomes(driver)).toEqual(['create network lab: undone']);
  });

  it('that is interrupted before its first step is not part of the history', async () => {
    const abort = new AbortController();
    const plan = { ...create, consent: ['a guest is cut off'] };
    const consent = (): Promise<void> => {
      abort.abort();
      return Promise.resolve();
    };
    const error = await failureOf(run(driver, plan, 'c', { signal: abort.signal, consent }));
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
    expect(driver.content).toEqual(before);
    expect(outcomes(driver)).toEqual([]);
  });

  it('names what it could not undo, and how to see it', async () => {
    driver.fail(3, 'refused');
    driver.fail(4, 'refused');
    const error = await failureOf(run(driver, create));
    expect(error).toMatchObject({ code: 'PARTIAL', details: { notUndone: ['enable autostart of network lab'] } });
    expect(error.message).toBe(
      'start network lab: it failed\nnot undone: "enable autostart of network lab" (it failed)',
    );
    expect(error.hint).toContain('tries to undo it once more');
    expect(outcomes(driver)).toEqual(['create network lab: partial']);
  });

  it('counts a start that another program was faster with as done, if the result is the desired one', async () => {
    await driver.call('networkDefine', { xml: networkXml('lab', lab) });
    await driver.call('networkStart', { network: lab });
    await run(driver, planOf('start', steps.slice(2, 3)));
    expect(outcomes(driver)).toEqual(['start: done']);
  });

  it('does not stop what it could not start', async () => {
    await driver.call('networkDefine', { xml: networkXml('other', other) });
    await driver.call('networkStart', { network: other });
    const start = { ...steps[2]!, do: { call: 'networkStart', network: other }, undo: [] } as const;
    const wrong = { ...start, undo: [{ call: 'networkDestroy', network: other }] } as const;
    const error = await failureOf(run(driver, planOf('start', [wrong])));
    expect(error.message).toContain('everything is as before');
    expect(driver.content).toMatchObject({ networks: [{ name: 'other', live: expect.any(String) }] });
  });

  it('does not undo a NIC that was refused for one that is in its way', async () => {
    await run(driver, create);
    const content = driver.content;
    driver.fail(1, 'refused', libvirtError('VIR_ERR_XML_ERROR', 'the slot is in use'));
    const error = await failureOf(run(driver, planOf('plug in twice', steps.slice(3))));
    expect(error.code).toBe('INPUT');
    expect(driver.content).toEqual(content);
  });

  it('reports a value that is refused late as a failure, not as a refusal before any change', async () => {
    driver.fail(2, 'refused', libvirtError('VIR_ERR_XML_ERROR', 'no such value'));
    const error = await failureOf(run(driver, create));
    expect(error).toMatchObject({ code: 'BACKEND', message: expect.stringContaining('no such value') });
  });
});
