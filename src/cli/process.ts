/** This process: its streams, its signals, and its end. */
import { basename } from 'node:path';
import { interruptedStatus } from '../errors.ts';
import { restoreBlocking } from './output/blocking.ts';
import { isTerminal } from './output/is-terminal.ts';
import { Session } from './session.ts';
import { endAtOnce } from './terminal/end.ts';
import { endSignals } from './terminal/signals.ts';
import { processStreams } from './output/streams.ts';

/** The output where a signal ends the command at once. */
const lastWords: Record<Session['change'], string> = {
  none: 'interrupted',
  'not begun': 'interrupted; nothing was changed',
  begun: 'interrupted again, and stopped at once: the same command finishes it, any other change undoes it first',
};
const session = new Session();
const terminals = [0, 1, 2].filter(isTerminal);
process.on('exit', restoreBlocking);

/**
 * Where libvirt hangs, only _exit(2) ends the process; where a terminal was closed, Node.js aborts at the usual end, for it cannot
 * reset that terminal. It costs a library to load, so only then.
 */
function end(status: number): Promise<never> {
  if (session.hung || !terminals.every(isTerminal)) return endAtOnce(status);
  process.exit(status);
}

for (const signal of endSignals) {
  process.on(signal, () => {
    const effect = session.interrupt(signal);
    if (effect === 'stops') {
      processStreams.stderr.write(session.rollsBack ? '\ninterrupted: rolling back\n' : '\n');
    } else if (effect === 'ends') {
      processStreams.stderr.write(`\n${lastWords[session.change]}\n`);
      void endAtOnce(interruptedStatus);
    }
  });
}

/**
 * Runs a command line, and ends the process.
 * @param program the name that it was started by: under the name virsh, as by a link in $PATH, it is `kvmnet virsh`
 * @param mayEnd settles when the end would disturb no other thread
 */
export async function runProcess(
  program: string,
  words: readonly string[],
  mayEnd: () => Promise<void>,
): Promise<never> {
  const status = await run(basename(program) === 'virsh' ? ['virsh', ...words] : words);
  await mayEnd();
  return end(status);
}

/** Completion has the last word of a line as it is being typed, which is not yet a command line. */
async function run(argv: readonly string[]): Promise<number> {
  if (argv[0]?.startsWith('__complete') === true) {
    const { runComplete } = await import('./complete/run.ts');
    return runComplete(argv, processStreams);
  }
  if (argv[0] === '__watch') {
    const { runWatch } = await import('./watch-run.ts');
    return runWatch(argv, processStreams);
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, processStreams, session);
}
