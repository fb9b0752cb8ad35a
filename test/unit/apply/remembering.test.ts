import { expect, it } from '@jest/globals';
import type { Connection } from '../../../src/libvirt/connection.ts';
import { remembering } from '../../../src/apply/remembering.ts';
import { MemoryDriver } from './driver.ts';
import { create, lab, ownDirectories, planOf, prepare, run, steps } from './material.ts';

ownDirectories();

/** A driver that notes each question about a network. */
function counted(driver: Connection, questions: string[]): Connection {
  return {
    uri: driver.uri,
    hung: false,
    call: (procedure, ...args) => {
      if (procedure === 'getNetwork') questions.push(procedure);
      return driver.call(procedure, ...args);
    },
    close: () => driver.close(),
  };
}

it('reads a network once before the first step of a change, and once after each step', async () => {
  const driver = new MemoryDriver();
  await prepare(driver);
  const questions: string[] = [];
  const ofTheNetwork = steps.slice(0, 3);
  await run(counted(driver, questions), planOf('create network lab', ofTheNetwork), 'net create lab');
  expect(questions).toHaveLength(ofTheNetwork.length + 1);
});

it('asks again after a change, after a failed one too, and after forget', async () => {
  const driver = new MemoryDriver();
  await prepare(driver);
  const questions: string[] = [];
  const connection = remembering(counted(driver, questions));
  await run(driver, create, 'net create lab');
  const network = lab;
  const ask = (): Promise<unknown> => connection.call('getNetwork', { network });
  const counts: number[] = [];
  const change = (key: string): Promise<unknown> =>
    connection.call('networkSetAutostart', { network: key, autostart: true }).catch(() => undefined);
  const forget = (): Promise<void> => {
    connection.forget();
    return Promise.resolve();
  };
  for (const between of [() => Promise.resolve(), () => change(network), () => change('none'), forget]) {
    await ask();
    await between();
    await ask();
    counts.push(questions.length);
  }
  expect(counts).toEqual([1, 2, 3, 4]);
});
