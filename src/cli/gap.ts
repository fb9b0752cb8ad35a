/** Measures how long guests were cut off: from the step that detaches a NIC to the moment when its port forwards frames again. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeResult } from '../apply/session.ts';
import { isLocal } from '../observe/uri.ts';
import type { RestartPlan } from '../plan/network/restart.ts';
import type { Replugged } from '../plan/network/replug.ts';
import type { Action, Step } from '../plan/step.ts';
import type { Context } from './context.ts';

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
  /** Waits until the ports forward; returns how long each NIC was cut off. None for the rest of an earlier run, whose steps began there. */
  readonly gaps: (context: Context, result: ChangeResult<RestartPlan>) => Promise<readonly Gap[]>;
}

export function watchGaps(): GapWatch {
  const begun = new Map<Action, number>();
  const done = new Map<Action, number>();
  return {
    watch: ({ do: action }, phase) => {
      if (phase === 'begin') begun.set(action, performance.now());
      if (phase === 'done') done.set(action, performance.now());
    },
    gaps: async ({ options }, { resumed, plan }) => {
      if (resumed || options.dryRun) return [];
      return Promise.all(
        plan.replugged.flatMap((nic) => {
          const [from, to] = [begun.get(nic.out), done.get(nic.back)];
          return from === undefined || to === undefined ? [] : [gapOf(nic, from, to, isLocal(options.uri))];
        }),
      );
    },
  };
}

/** A port with STP forwards after twice the bridge's delay, 30 seconds at most each (kernel's BR_MAX_FORWARD_DELAY). */
const longest = 65_000;

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

async function waitForForwarding(tap: string): Promise<number | undefined> {
  const deadline = performance.now() + longest;
  while (performance.now() < deadline) {
    const state = portState(tap);
    if (state === undefined) return undefined;
    if (state === forwarding) return performance.now();
    await sleep(50);
  }
  return undefined;
}

/** BR_STATE_FORWARDING of linux/if_bridge.h. */
const forwarding = 3;

function portState(tap: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${tap}/brport/state`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** `VM1: NIC 52:54:00:… (vnet3) was cut off for 0.4 s`, one line each. */
export function gapText(gaps: readonly Gap[]): string {
  return gaps
    .map(({ domain, mac, interface: tap, seconds }) => {
      const device = tap === undefined ? '' : ` (${tap})`;
      return `${domain}: NIC ${mac}${device} was cut off for ${seconds.toFixed(1)} s, and is attached again`;
    })
    .join('\n');
}
