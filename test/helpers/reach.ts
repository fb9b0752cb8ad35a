/** Whether a guest answers, and for how long it did not. */
import { start, type Running } from './host.ts';
import { waitFor } from './wait.ts';

/** Waits until a guest answers a ping. */
export async function answers(address: string, seconds = 30): Promise<void> {
  await waitFor(`${address} to answer`, async () => (await start('ping', ['-c1', '-W1', address]).outcome).status === 0, { seconds });
}

export interface Pings {
  /** Ends them, and gives the longest time without an answer, in seconds. */
  longestSilence(): Promise<number>;
}

/** Pings a guest ten times a second until asked to stop. */
export function pinging(address: string): Pings {
  const running: Running = start('ping', ['-D', '-i0.1', '-W1', address]);
  return {
    longestSilence: async () => {
      running.process.kill('SIGINT');
      const { stdout } = await running.outcome;
      const times = [...stdout.matchAll(/^\[(\d+\.\d+)\].*bytes from/gm)].map(([, time]) => Number(time));
      if (times.length < 2) throw new Error(`${address} has not answered twice:\n${stdout}`);
      return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
    },
  };
}
