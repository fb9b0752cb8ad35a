/** The hidden command line that the watchdog of a change is: `kvmnet __watch ENTRY`. */
import { watch } from '../apply/watch.ts';
import { endSignals } from './terminal/signals.ts';
import type { Streams } from './output/streams.ts';

/** Ends with the entry, or with the machine; neither the end of a terminal nor a Ctrl-C that was meant for the run ends it before. */
export async function runWatch([, id = '']: readonly string[], { stderr }: Pick<Streams, 'stderr'>): Promise<number> {
  endSignals.forEach((signal) => process.removeAllListeners(signal));
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  await watch(id, (text) => void stderr.write(`kvmnet: ${text}\n`));
  return 0;
}
