/** When a port of a bridge passes frames. Source: BR_STATE_FORWARDING of linux/if_bridge.h */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port with STP forwards after twice the bridge's delay, 30 seconds at most each (kernel's BR_MAX_FORWARD_DELAY). */
const longest = 65_000;
const forwarding = 3;

/** Waits until a tap's port forwards. Returns the time of `performance.now()`; undefined if it is not a port, or forwards too late. */
export async function waitForForwarding(tap: string): Promise<number | undefined> {
  const deadline = performance.now() + longest;
  while (performance.now() < deadline) {
    const state = portState(tap);
    if (state === undefined) return undefined;
    if (state === forwarding) return performance.now();
    await sleep(50);
  }
  return undefined;
}

function portState(tap: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${tap}/brport/state`, 'utf8'));
  } catch {
    return undefined;
  }
}
