/** The real virsh, which runs what kvmnet does not have. */
import { KvmnetError } from '../../errors.ts';
import { findProgram } from '../../host/find-program.ts';
import { handOver } from '../../host/run.ts';
import { installCommands } from '../../values/packages.ts';
import { takeSignals } from '../shell/signals.ts';
import { processStreams, type Streams } from '../output/streams.ts';

/** Set for the real virsh: a script in its place that starts kvmnet again would do so for ever. */
const mark = 'KVMNET_HANDS_TO_VIRSH';

/** Where virsh is installed; undefined where it is not. This program under virsh's name is not meant. */
export function realVirsh(): string | undefined {
  return process.env[mark] === undefined ? findProgram('virsh', process.argv[1] ?? '') : undefined;
}

/** The error for a command that only virsh has, where it is not installed. */
export function withoutVirsh(name: string): KvmnetError {
  return new KvmnetError('DEPENDENCY', `kvmnet has no command '${name}', and virsh is not installed`, {
    hint: `install it: ${installCommands('virsh')}`,
  });
}

/**
 * Runs virsh with these words in place of this process, and returns its exit status. Passes on signals;
 * Ctrl-C at a terminal reaches virsh directly.
 * @param ownsInput false if standard input is a script that kvmnet reads: virsh then gets none
 */
export async function runRealVirsh(
  program: string,
  words: readonly string[],
  streams: Streams,
  ownsInput: boolean,
): Promise<number> {
  const isOurs = streams === processStreams;
  const stdin = isOurs ? undefined : streams.stdin;
  const { stdout, stderr } = isOurs ? {} : streams;
  let kill: (signal: NodeJS.Signals) => void = () => undefined;
  const giveBack = takeSignals((signal) => {
    const isTyped = signal === 'SIGINT' && isOurs && process.stderr.isTTY;
    if (!isTyped) kill(signal);
  });
  try {
    const given = ownsInput ? stdin : ('empty' as const);
    const handed = { ...(given && { stdin: given }), ...(stdout && { stdout }), ...(stderr && { stderr }) };
    return await handOver(program, words, handed, { [mark]: '1' }, (send) => {
      kill = send;
    });
  } finally {
    giveBack();
  }
}
