/** Output that comes over time: lines until Ctrl-C, a number, a duration or the end of the reader. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import { quoted } from '../values/quoted.ts';
import type { Context } from './context.ts';
import { write } from './output/streams.ts';

/** Entries that wait for a slow reader at most; what comes then is dropped and counted. */
const mostWaiting = 10_000;

export class LineStream {
  readonly #context: Context;
  readonly #done = new AbortController();
  readonly #waiting: string[] = [];
  readonly #droppedText: (count: number) => string;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /** @param droppedText the line that reports dropped ones */
  constructor(context: Context, droppedText: (count: number) => string) {
    this.#context = context;
    this.#droppedText = droppedText;
  }

  /** Prints a text, as soon as what is before it is out. */
  print(text: string): void {
    if (this.#done.signal.aborted) return;
    if (this.#waiting.length >= mostWaiting) this.#dropped += 1;
    else this.#waiting.push(text);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Ends the stream after what was printed. */
  end(): void {
    this.#done.abort();
  }

  /** True once the stream has ended. */
  get isOver(): boolean {
    return this.#done.signal.aborted;
  }

  /**
   * Waits for the end, with everything written: `end`, Ctrl-C, the duration, or a reader that has gone, as `| head` does.
   * @param milliseconds undefined: without limit
   * @param finish ends the source, which may still print: what it has seen until now
   */
  async whenOver<T>(milliseconds: number | undefined, finish: () => Promise<T>): Promise<T> {
    const { stdout } = this.#context.streams;
    const onLost = (): void => {
      this.end();
    };
    stdout.on('error', onLost);
    try {
      const signal = this.#done.signal;
      await this.#context.session.interruptible(
        (interrupt) => waited(milliseconds, AbortSignal.any([signal, interrupt])),
        { rollsBack: false },
      );
      const result = await finish();
      this.end();
      await this.#writing;
      return result;
    } finally {
      stdout.off('error', onLost);
    }
  }

  async #write(): Promise<void> {
    for (let text = this.#take(); text !== ''; text = this.#take()) await write(this.#context.streams.stdout, text);
  }

  /** All that waits, in one piece. */
  #take(): string {
    const text = this.#waiting.splice(0).join('');
    const note = this.#dropped === 0 ? '' : this.#droppedText(this.#dropped);
    this.#dropped = 0;
    return text + note;
  }
}

/** The longest time that a timer can have: 24 days. */
const maxTimerMs = 2_147_483_647;

async function waited(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  do await sleep(milliseconds ?? maxTimerMs, undefined, { signal }).catch(() => undefined);
  while (milliseconds === undefined && !signal.aborted);
}

/** @throws USAGE for a format that has no lines */
export function requireLines({ format }: Context['options'], command: string): 'text' | 'json' {
  if (format === 'table') return 'text';
  if (format === 'json') return 'json';
  throw new KvmnetError('USAGE', `-o ${format} is not for output that comes over time`, {
    hint: `kvmnet ${command} --json prints one object a line: kvmnet ${command} --json | jq -c ${quoted('.')}`,
  });
}
