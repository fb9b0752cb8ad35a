/** Ctrl-C and the like are the shell's while it runs. */
import type { Session } from '../session.ts';
import { endSignals, type EndSignal } from '../terminal/signals.ts';

/** Replaces the present signal handlers; the returned function restores them. */
export function takeSignals(handle: (signal: EndSignal) => void): () => void {
  const returns = endSignals.map((signal) => {
    const others = process.listeners(signal);
    const mine = (): void => {
      handle(signal);
    };
    process.on(signal, mine);
    others.forEach((other) => process.off(signal, other));
    return (): void => {
      others.forEach((other) => process.on(signal, other));
      process.off(signal, mine);
    };
  });
  return () => {
    returns.forEach((giveBack) => {
      giveBack();
    });
  };
}

/** The message after a signal has asked a command to stop. */
export function interruptText({ rollsBack }: Session): string {
  return rollsBack ? '\ninterrupted: rolling back\n' : '\n';
}
