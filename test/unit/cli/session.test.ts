import { describe, expect, it } from '@jest/globals';
import { Session } from '../../../src/cli/session.ts';

describe('a session', () => {
  it('knows a change, which a second signal leaves in the middle, from a wait, which changes nothing', async () => {
    const session = new Session();
    expect(session).toMatchObject({ change: 'none' });
    const signals = [session.interrupt('SIGINT')];
    await session.interruptible((signal) => {
      expect(session).toMatchObject({ change: 'begun' });
      signals.push(session.interrupt('SIGINT'), session.interrupt('SIGHUP'), session.interrupt('SIGINT'));
      expect(signal.aborted).toBe(true);
      return Promise.resolve();
    });
    expect(signals).toEqual(['ends', 'stops', 'known', 'ends']);
    await session.interruptible(
      () => {
        expect(session).toMatchObject({ change: 'none' });
        expect([session.interrupt('SIGINT'), session.interrupt('SIGINT')]).toEqual(['stops', 'ends']);
        return Promise.resolve();
      },
      { rollsBack: false },
    );
    expect(session).toMatchObject({ change: 'none' });
  });
});
