/** A terminal that is closed while kvmnet runs at it: its master is gone, what is written fails with EIO, and its shell hangs up its job. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { commandText, preloading } from '../host.ts';
import { recorder } from '../terminal.ts';
import { waitFor } from '../wait.ts';

export interface HangUp {
  /** The terminal is closed the moment kvmnet, with --verbose, prints a line with this text in it. */
  readonly line: string;
  /** Milliseconds after the line. */
  readonly later?: number;
  /** Where kvmnet's stderr is. */
  readonly stderr: 'terminal' | 'pipe';
  readonly env?: Readonly<Record<string, string>>;
}

const strike = fileURLToPath(new URL('strike.cjs', import.meta.url));

/** The session's leader is the shell, and its parent script(1), which holds the master: the shell is gone when the loop ends. */
const close =
  'trap "" HUP; shell=$(ps -o sid= -p $$); kill -9 $(ps -o ppid= -p $shell); while kill -0 $shell; do :; done 2>/dev/null';

/**
 * Types a command line of kvmnet in an interactive bash in a terminal, which is closed while it runs.
 * @returns kvmnet's exit status, and its messages if its stderr is a pipe
 */
export async function hangUpAt({ line, later, stderr, env }: HangUp, args: readonly string[]) {
  const folder = await mkdtemp(`${tmpdir()}/kvmnet-hang-up-`);
  const [job, status, said] = [`${folder}/job`, `${folder}/status`, `${folder}/said`];
  // A shell around it to see its status: its trap is not passed on.
  const FAULT = JSON.stringify({ line, later, run: ['bash', '-c', close] });
  const hook = Object.entries({ ...preloading(strike), FAULT }).map(([name, value]) => `${name}='${value}'`);
  await writeFile(
    job,
    `trap : HUP
exec 3>&2 ${stderr === 'pipe' ? `2> >(exec setsid cat >${said})` : ''}
${hook.join(' ')} ${commandText} --verbose ${args.map((word) => `'${word}'`).join(' ')}
status=$?
exec 2>&3; wait
echo $status >${status}.new; mv ${status}.new ${status}\n`,
  );
  const shell = spawn(recorder, ['--quiet', '--command', 'exec bash --norc -i', '/dev/null'], {
    env: { ...process.env, NODE_OPTIONS: undefined, TERM: 'xterm', ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    shell.stdin.on('error', () => undefined).write(`bash ${job}\n`);
    const text = await waitFor('kvmnet to end', () => readFile(status, 'utf8'), { seconds: 60 });
    return { status: Number(text), said: stderr === 'pipe' ? await readFile(said, 'utf8') : '' };
  } finally {
    shell.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
}
