#!/usr/bin/env node
/** The executable: this process's arguments and streams, its signals, and its end. */
import { runProgram } from './program.ts';
import { Session } from './session.ts';

const interruptedStatus = 130;
const leftInTheMiddle =
  '\ninterrupted again, and stopped at once: the same command finishes it, any other change undoes it first\n';
const session = new Session();

/** Where libvirt hangs, only _exit(2) ends the process; it costs a library to load, so only then. */
async function end(status: number): Promise<never> {
  if (!session.hung) process.exit(status);
  const { exitNow } = await import('../libvirt/exit.ts');
  return exitNow(status);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (session.interrupt()) {
      process.stderr.write('\ninterrupted: rolling back\n');
    } else {
      process.stderr.write(session.isChanging ? leftInTheMiddle : '\ninterrupted\n');
      void import('../libvirt/exit.ts').then(({ exitNow }) => exitNow(interruptedStatus));
    }
  });
}

// `kvmnet domiflist | head` is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void runProgram(process.argv.slice(2), process, session).then(end);
