/**
 * A deadline for C functions that are called on the main thread: while one of them waits, no JavaScript runs that could look at a clock.
 * Two timers of the C library run on threads of their own, and call functions of C: one prints, the other ends the process.
 * Source: timer_create(2), sigevent(7), _exit(2), GLib's g_printerr.
 */
import koffi from 'koffi';
import type { Pointer } from './ffi.ts';

export interface Deadline {
  /** Ends the process after a number of milliseconds with status 1, and `lastWords` on stderr. */
  start(milliseconds: number, lastWords: string): void;
  stop(): void;
}

const CLOCK_MONOTONIC = 1;
const SIGEV_THREAD = 2;
/** Milliseconds from the print to the exit: each is a new thread, and a loaded machine may start the later one first. */
const farewell = 1_000;
const maxCharacters = 2000;
const maxBytes = 8192;

const sigevent = koffi.struct({
  sigev_value: 'intptr_t',
  sigev_signo: 'int',
  sigev_notify: 'int',
  sigev_notify_function: 'void *',
  sigev_notify_attributes: 'void *',
  rest: koffi.array('char', 32),
});
const itimerspec = koffi.struct({ interval: 'long', intervalNanoseconds: 'long', value: 'long', nanoseconds: 'long' });

/** Undefined if the C library has no such timers, or GLib, which comes with libvirt, is missing. */
export function makeDeadline(): Deadline | undefined {
  try {
    const words = koffi.alloc('char', maxBytes) as bigint;
    const print = makeTimer(koffi.load('libglib-2.0.so.0').symbol('g_printerr') as Pointer, words);
    const exit = makeTimer(koffi.load(null).symbol('_exit') as Pointer, 1n);
    return {
      start: (milliseconds, lastWords) => {
        koffi.encode(words, 'char', asFormat(lastWords), maxBytes);
        print(milliseconds);
        exit(milliseconds + farewell);
      },
      stop: () => {
        exit(0);
        print(0);
      },
    };
  } catch {
    return undefined;
  }
}

/** A timer that calls a C function with one argument; the function that comes back sets it, in milliseconds, or stops it with 0. */
function makeTimer(callback: Pointer, argument: bigint): (milliseconds: number) => void {
  const c = koffi.load(null);
  const create = c.func('timer_create', 'int', ['int', koffi.pointer(sigevent), koffi.out('void **')]);
  const set = c.func('timer_settime', 'int', ['void *', 'int', koffi.pointer(itimerspec), 'void *']);
  const timer: [Pointer] = [null];
  const event = {
    ...{ sigev_value: argument, sigev_signo: 0, sigev_notify: SIGEV_THREAD, sigev_notify_function: callback },
    ...{ sigev_notify_attributes: null, rest: '' },
  };
  if (create(CLOCK_MONOTONIC, event, timer) !== 0) throw new Error('timer_create failed');
  return (milliseconds) => {
    const value = Math.floor(milliseconds / 1000);
    const nanoseconds = Math.floor((milliseconds % 1000) * 1e6);
    set(timer[0], 0, { interval: 0, intervalNanoseconds: 0, value, nanoseconds }, null);
  };
}

/** g_printerr takes a format, which must come out as it is. */
function asFormat(text: string): string {
  return `${text.slice(0, maxCharacters).replaceAll('%', '%%')}\0`;
}
