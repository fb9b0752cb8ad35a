/** A spinner on what takes longer than 300 ms, on a terminal's stderr only. */
import type { Ora } from 'ora';
import { printable } from '../../values/printable.ts';
import type { Streams } from './streams.ts';

const patience = 300;

export interface Progress {
  /** Shows the current operation. */
  say(text: string): void;
  /** The same, unless another text is shown: a query is part of a longer wait. */
  hint(text: string): void;
  /** Takes the spinner away, so that a question or an error can be printed. */
  stop(): void;
}

export function startProgress(streams: Streams, enabled: boolean, hasColor = true): Progress {
  let text = '';
  let spinner: Ora | undefined;
  let timer: NodeJS.Timeout | undefined;
  const show = async (): Promise<void> => {
    if (!canSpin(streams)) return;
    const { default: ora } = await import('ora');
    if (timer === undefined) return; // It ended while ora was loading.
    // stdin is left alone: a shell reads its next command there.
    spinner = ora({ text, stream: streams.stderr, discardStdin: false, color: hasColor ? 'cyan' : false }).start();
  };
  const say = (next: string): void => {
    text = printable(next);
    if (spinner) spinner.text = text;
    else if (enabled) timer ??= setTimeout(() => void show(), patience);
  };
  return {
    say,
    hint: (next) => {
      if (text === '') say(next);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      spinner?.stop();
      spinner = undefined;
      text = '';
    },
  };
}

/** A terminal with a reported width of 0 columns, as script(1) creates them, would be flooded. */
function canSpin({ stderr }: Streams): boolean {
  return (stderr.isTTY ?? false) && (stderr.columns ?? 0) > 0;
}
