import { beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { perform } from '../../../src/apply/actions/perform.ts';
import { change, type ChangeOptions } from '../../../src/apply/session.ts';
import { history } from '../../../src/apply/journal/journal.ts';
import { KvmnetError } from '../../../src/errors.ts';
import { autostartStep } from '../../../src/plan/steps/network.ts';
import { MemoryDriver, type Fault } from './driver.ts';
import {
  create,
  elsewhere,
  failureOf,
  lab,
  networkXml,
  optionsFor,
  outcomes,
  ownDirectories,
  planOf,
  prepare,
  run,
  steps,
  undoEntry,
} from './material.ts';

const directory = ownDirectories();

let driver: MemoryDriver;
let before: unknown;
let after: unknown;
beforeEach(async () => {
  const twin = new MemoryDriver();
  await prepare(twin);
  for (const { do: action } of steps) await perform(twin, action);
  after = twin.content;
  driver = new MemoryDriver();
  await prepare(driver);
  before = driver.content;
});

/** A run that breaks off, and a daemon that answers again. */
async function breakOff(fault: Fault, number: number): Promise<KvmnetError> {
  driver.fail(number, fault);
  const error = await failureOf(run(driver, create, 'net create lab'));
  driver.revive();
  return error;
}

/** The session's reports on earlier runs. */
function listener(): { readonly told: string[]; readonly more: Partial<ChangeOptions> } {
  const told: string[] = [];
  return {
    told,
    more: {
      onLeftover: ({ title }, treatment, changed) => {
        told.push([`${treatment} ${title}`, ...(changed ?? [])].join(': '));
      },
      onWarning: (text) => {
        told.push(text);
      },
    },
  };
}

const everywhere = (['lost before', 'lost after', 'hung'] as const).flatMap((fault) =>
  steps.map((_step, index) => [fault, index + 1] as const),
);

describe('a run that broke off', () => {
  it.each(everywhere)('(%s step %i) is left to the next one, and reported', async (fault, number) => {
    const error = await breakOff(fault, number);
    expect(error.code).toBe(fault === 'hung' ? 'TIMEOUT' : 'CONNECT');
    expect(error.hint).toContain('the same command finishes it; any other that changes this host undoes it first');
    expect(outcomes(driver)).toEqual(['create network lab: running']);
  });

  it.each(everywhere)('(%s step %i) is finished by the same command', async (fault, number) => {
    await breakOff(fault, number);
    const { told, more } = listener();
    const result = await run(driver, create, 'net create lab', more);
    const isComplete = fault === 'lost after' && number === steps.length;
    expect(told).toEqual([`${isComplete ? 'complete' : 'finish'} create network lab`]);
    expect(result).toMatchObject({ resumed: true, plan: { title: 'create network lab' } });
    expect(driver.content).toEqual(after);
    expect(outcomes(driver)).toEqual(['create network lab: done']);
  });

  it.each(everywhere)('(%s step %i) is undone by another command', async (fault, number) => {
    await breakOff(fault, number);
    const { told, more } = listener();
    const result = await run(driver, planOf('nothing', []), 'net list', more);
    expect(result.resumed).toBe(false);
    if (fault === 'lost after' && number === steps.length) {
      expect(told).toEqual(['complete create network lab']);
      expect(driver.content).toEqual(after);
      return;
    }
    expect(told).toEqual(['undo create network lab']);
    expect(driver.content).toEqual(before);
    expect(outcomes(driver)).toEqual(['create network lab: undone']);
  });

  it('is undone by the same command with another document', async () => {
    await breakOff('lost before', 3);
    const { told, more } = listener();
    await run(driver, elsewhere, 'net create lab', { ...more, inputs: ['another digest'] });
    expect(told).toEqual(['undo create network lab']);
    expect(driver.content).not.toMatchObject({ networks: [{ name: 'lab' }] });
  });

  it('breaks off once more, and is finished by the third', async () => {
    await breakOff('lost before', 2);
    driver.fail(1, 'lost after');
    expect((await failureOf(run(driver, create, 'net create lab'))).code).toBe('CONNECT');
    driver.revive();
    await run(driver, create, 'net create lab');
    expect(driver.content).toEqual(after);
    expect(outcomes(driver)).toEqual(['create network lab: done']);
  });

  it('waits where only the host itself is changed', async () => {
    await breakOff('lost before', 3);
    const { told, more } = listener();
    await run(driver, planOf('nothing', []), 'host', { ...more, withoutLibvirt: true });
    expect(told).toEqual(['wait create network lab']);
    expect(outcomes(driver)).toEqual(['create network lab: running']);
  });

  it('is left unchanged if another program has since changed the same objects', async () => {
    await breakOff('lost before', 2);
    await driver.call('networkDefine', { xml: networkXml('lab', lab).replace('<uuid>', '<title>mine</title><uuid>') });
    const { told, more } = listener();
    await run(driver, planOf('nothing', []), 'net list', more);
    expect(told).toEqual(['leave create network lab: network lab (definition)']);
    expect(driver.content).toMatchObject({ networks: [{ name: 'lab', config: expect.stringContaining('mine') }] });
    expect(outcomes(driver)).toEqual(['create network lab: abandoned']);
  });
});

describe('what could not be undone', () => {
  beforeEach(async () => {
    driver.fail(3, 'refused');
    driver.fail(4, 'refused');
    expect((await failureOf(run(driver, create, 'net create lab'))).code).toBe('PARTIAL');
  });

  it('is undone by the next run', async () => {
    const { told, more } = listener();
    await run(driver, elsewhere, 'net define other', more);
    expect(told).toEqual(['undo create network lab']);
    expect(outcomes(driver)).toEqual(['define network other: done', 'create network lab: undone']);
    expect(driver.content).toMatchObject({ networks: [{ name: 'other' }] });
  });

  /** Another program has recreated the network; and in the second undo, autostart fails again. */
  async function failAgain(): Promise<void> {
    await driver.call('networkDefine', { xml: networkXml('lab', lab) });
    await driver.call('networkSetAutostart', { network: lab, autostart: true });
    driver.fail(2, 'refused');
  }

  it('holds up what touches the same, when it cannot be undone again', async () => {
    await failAgain();
    const { told, more } = listener();
    const touching = planOf('disable autostart', [autostartStep('lab', lab, false)]);
    const error = await failureOf(run(driver, touching, 'net autostart lab --disable', more));
    expect(error).toMatchObject({ code: 'PARTIAL' });
    expect(error.message).toContain('disable autostart was not done: it touches what "create network lab" has left');
    expect(told).toEqual(['undo create network lab', expect.stringContaining('kvmnet does not try again')]);
    expect(outcomes(driver)).toEqual(['create network lab: abandoned']);
  });

  it('does not hold up what touches something else', async () => {
    await failAgain();
    await run(driver, elsewhere, 'net define other');
    expect(outcomes(driver)).toEqual(['define network other: done', 'create network lab: abandoned']);
  });
});

describe('a question', () => {
  const plan = { ...create, consent: ['web1 is cut off'] };

  it('is asked without the lock, and answered once', async () => {
    const asked: string[] = [];
    await change(
      () => Promise.resolve(plan),
      optionsFor(driver, 'net create lab', {
        consent: async ({ consent }) => {
          asked.push(...consent);
          await run(driver, elsewhere);
        },
      }),
    );
    expect(asked).toEqual(['web1 is cut off']);
    expect(outcomes(driver)).toEqual(['create network lab: done', 'define network other: done']);
  });

  it('is asked again where the plan is another one by then', async () => {
    let round = 0;
    const asked: string[] = [];
    await change(
      () => Promise.resolve({ ...create, consent: [`round ${String(Math.min(++round, 2))}`] }),
      optionsFor(driver, 'c', {
        consent: ({ consent }) => {
          asked.push(...consent);
          return Promise.resolve();
        },
      }),
    );
    expect(asked).toEqual(['round 1', 'round 2']);
  });

  it('that is declined changes nothing', async () => {
    const consent = (): Promise<void> => Promise.reject(new KvmnetError('DECLINED', 'no'));
    expect((await failureOf(run(driver, plan, 'c', { consent }))).code).toBe('DECLINED');
    expect(driver.content).toEqual(before);
    expect(history(driver.uri)).toEqual([]);
  });

  it('is asked about a damaged entry, which is set aside then', async () => {
    await breakOff('lost before', 3);
    const folder = `${directory()}/journal`;
    const [name = ''] = readdirSync(folder).filter((each) => each.endsWith('.json'));
    writeFileSync(`${folder}/${name}`, '{"version": 1');
    const asked: string[] = [];
    const { told, more } = listener();
    await run(driver, elsewhere, 'c', {
      ...more,
      consent: ({ consent }) => {
        asked.push(...consent);
        return Promise.resolve();
      },
    });
    expect(asked).toEqual([expect.stringMatching(/cannot be used \(it is not a complete JSON document\)/)]);
    expect(told).toEqual([`set aside: ${folder}/${name}.aside`]);
    expect(readdirSync(folder)).toContain(`${name}.aside`);
  });
});

describe('an undo', () => {
  it('leaves all as it was; and undone itself, all as it was made', async () => {
    await run(driver, create, 'net create lab');
    expect(driver.content).toEqual(after);
    const [made] = history(driver.uri);
    await undoEntry(driver, made!);
    expect(driver.content).toEqual(before);
    expect(outcomes(driver)).toEqual(['undo "create network lab": done', 'create network lab: undone']);
    const [undone] = history(driver.uri);
    await undoEntry(driver, undone!);
    expect(driver.content).toEqual(after);
    expect(outcomes(driver)).toEqual([
      'redo "create network lab": done',
      'undo "create network lab": undone',
      'create network lab: done',
    ]);
  });

  it('of each of two changes with one title is its own', async () => {
    const on = planOf('enable autostart', [autostartStep('lab', lab, true)]);
    await run(driver, planOf('define', steps.slice(0, 1)), 'define');
    await run(driver, on, 'first');
    await driver.call('networkSetAutostart', { network: lab, autostart: false });
    await run(driver, on, 'second');
    const [second, first] = history(driver.uri);
    await undoEntry(driver, second!);
    const found = history(driver.uri);
    expect(found.find(({ id }) => id === second!.id)?.outcome).toBe('undone');
    expect(found.find(({ id }) => id === first!.id)?.outcome).toBe('done');
  });

  it('that breaks off is finished by the same command', async () => {
    await run(driver, create, 'net create lab');
    const [made] = history(driver.uri);
    driver.fail(2, 'lost after');
    expect((await failureOf(undoEntry(driver, made!))).code).toBe('CONNECT');
    driver.revive();
    const result = await undoEntry(driver, made!);
    expect(result.resumed).toBe(true);
    expect(driver.content).toEqual(before);
    expect(outcomes(driver)).toEqual(['undo "create network lab": done', 'create network lab: undone']);
  });
});

describe('two changes at once', () => {
  it('are made one after the other', async () => {
    const phases: string[] = [];
    const note: Partial<ChangeOptions> = { onStep: ({ title }, phase) => phases.push(`${phase} ${title}`) };
    const first = planOf('first', steps.slice(0, 2));
    await Promise.all([run(driver, first, 'first', note), run(driver, elsewhere, 'second', note)]);
    const place = (text: string): number => phases.indexOf(text);
    const both = [place(`begin ${steps[0]!.title}`), place(`done ${steps[1]!.title}`)] as const;
    const one = place('begin define network other');
    expect(one < both[0] || one > both[1]).toBe(true);
    expect(history(driver.uri)).toHaveLength(2);
  });
});
