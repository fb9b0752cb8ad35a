import { beforeEach, describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import { whileOpening } from '../../../src/libvirt/connection.ts';
import type { Plan } from '../../../src/plan/step.ts';
import { change } from '../../../src/apply/session.ts';
import { MemoryDriver } from './driver.ts';
import { create, elsewhere, failureOf, optionsFor, outcomes, ownDirectories, prepare, run } from './material.ts';

ownDirectories();

let driver: MemoryDriver;
beforeEach(async () => {
  driver = new MemoryDriver();
  await prepare(driver);
});

const refused = new KvmnetError('CONNECT', 'no daemon answers');

/** A connection that the daemon refuses after a while, when its error may have no reader yet. */
function refusedLater(): Promise<never> {
  const opened = new Promise<never>((_resolve, reject) => setTimeout(reject, 20, refused));
  opened.catch(() => undefined);
  return opened;
}

describe('a change whose connection is still being opened', () => {
  it('leaves what an earlier run left, until it is open', async () => {
    driver.fail(2, 'lost before');
    await failureOf(run(driver, create, 'net create lab'));
    driver.revive();
    const told: string[] = [];
    const more = { opened: refusedLater(), onLeftover: (): void => void told.push('told') };
    expect(await failureOf(run(driver, elsewhere, 'net define other', more))).toBe(refused);
    expect(told).toEqual([]);
    expect(outcomes(driver)).toEqual(['create network lab: running']);
    await run(driver, elsewhere, 'net define other', { ...more, opened: Promise.resolve() });
    expect(told).toEqual(['told']);
  });

  it('ends with the reason of the daemon, even where another run holds the lock', async () => {
    let plan: (plan: Plan) => void = () => undefined;
    let holding: Promise<unknown> = Promise.resolve();
    await new Promise<void>((isHeld) => {
      const makePlan = (): Promise<Plan> => {
        isHeld();
        return new Promise((resolve) => (plan = resolve));
      };
      holding = change(makePlan, optionsFor(driver, 'net define other'));
    });
    const failure = (opened: Promise<unknown>): Promise<KvmnetError> =>
      failureOf(run(driver, create, 'net create lab', { opened, lockTimeout: 50 }));
    expect(await failure(Promise.resolve())).toMatchObject({ code: 'LOCKED' });
    expect(await failure(refusedLater())).toBe(refused);
    plan(elsewhere);
    await holding;
  });

  it('makes its calls when it is open, and not at all where it cannot be opened', async () => {
    const opening = whileOpening(driver.uri, new Promise((resolve) => setTimeout(resolve, 20, driver)));
    expect(opening).toMatchObject({ uri: driver.uri, hung: false });
    await run(opening, create, 'net create lab');
    expect(await driver.call('listNetworks', {})).toHaveLength(1);
    const failing = whileOpening(driver.uri, refusedLater());
    expect(await failureOf(failing.call('listNetworks', {}))).toBe(refused);
    expect(await failureOf(failing.close())).toBe(refused);
  });
});
