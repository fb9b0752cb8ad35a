/** Measures how long guests were cut off: from the step that detaches a NIC to the moment when its port forwards frames again. */
import { waitForForwarding } from '../host/links/forwarding.ts';
import { isLocal } from '../observe/uri.ts';
import type { RestartPlan } from '../plan/network/restart.ts';
import type { Replugged } from '../plan/network/replug.ts';
import type { Action, Step } from '../plan/step.ts';
import type { ChangeResult } from './session.ts';

export interface Gap {
  readonly domain: string;
  readonly mac: string;
  readonly interface: string | undefined;
  readonly seconds: number;
  /** False where the bridge did not forward within the time, or the kernel is out of sight. */
  readonly forwarding: boolean;
}

export interface GapWatch {
  readonly watch: (step: Step, phase: 'begin' | 'done' | 'undo') => void;
  /**
   * Waits until the ports forward; returns how long each NIC was cut off. None for the rest of an earlier run, whose steps began there.
   * @param uri of the daemon that was changed
   */
  readonly gaps: (result: ChangeResult<RestartPlan>, uri: string) => Promise<readonly Gap[]>;
}

export function watchGaps(): GapWatch {
  const begun = new Map<Action, number>();
  const done = new Map<Action, number>();
  return {
    watch: ({ do: action }, phase) => {
      if (phase === 'begin') begun.set(action, performance.now());
      if (phase === 'done') done.set(action, performance.now());
    },
    gaps: async ({ resumed, plan }, uri) => {
      if (resumed) return [];
      return Promise.all(
        plan.replugged.flatMap((nic) => {
          const [from, to] = [begun.get(nic.out), done.get(nic.back)];
          return from === undefined || to === undefined ? [] : [gapOf(nic, from, to, isLocal(uri))];
        }),
      );
    },
  };
}

async function gapOf({ domain, mac, tap }: Replugged, from: number, to: number, isHere: boolean): Promise<Gap> {
  const forwards = isHere && tap !== undefined ? await waitForForwarding(tap) : undefined;
  const end = Math.max(to, forwards ?? 0);
  return {
    domain,
    mac,
    interface: tap,
    seconds: Math.round((end - from) / 10) / 100,
    forwarding: forwards !== undefined,
  };
}
