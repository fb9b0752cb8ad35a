/** Whether a guest answers, and for how long it did not: by TCP, which the kernel of the guest answers itself. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from './wait.ts';

function connects(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 80, timeout: 300 });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => {
      end(true);
    });
    socket.once('timeout', () => {
      end(false);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}

/** Waits until a guest answers. */
export async function answers(address: string): Promise<void> {
  await waitFor(`${address} to answer`, () => connects(address));
}

export interface Knocking {
  /** Ends it, and gives the longest time without an answer, in seconds. */
  longestSilence(): Promise<number>;
}

/** Knocks at a guest's door about ten times a second, until asked to stop. */
export function knocking(address: string): Knocking {
  const stop = new AbortController();
  let longest = 0;
  const done = (async () => {
    let last = performance.now();
    while (!stop.signal.aborted) {
      if (await connects(address)) {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      await pause(100);
    }
    longest = Math.max(longest, performance.now() - last);
  })();
  return {
    longestSilence: async () => {
      stop.abort();
      await done;
      return longest / 1000;
    },
  };
}
