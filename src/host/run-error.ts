/** The errors of programs, as node:child_process reports them. */
import { exhausted, KvmnetError } from '../errors.ts';
import type { SshTarget } from './ssh/ssh.ts';

export type RunFailure = Error & { code?: number | string | null; killed?: boolean; signal?: NodeJS.Signals | null };

/** The error for a program that failed: DEPENDENCY, TIMEOUT, or BACKEND with its standard error. */
export function runError(
  program: string,
  args: readonly string[],
  error: RunFailure,
  stderr: string,
  { timeout = 0, on }: { readonly timeout?: number; readonly on?: SshTarget | undefined } = {},
): KvmnetError {
  const command = [program, ...args].join(' ');
  const details = { program, arguments: args, status: error.code, stderr };
  if (error.code === 'ENOENT') {
    return new KvmnetError('DEPENDENCY', `the program ${program} is not installed`, { details, cause: error });
  }
  if (error.killed) {
    const where = on === undefined ? '' : ` on ${on.host}`;
    return new KvmnetError('TIMEOUT', `${command}${where} did not end within ${String(timeout / 1000)} s`, {
      details,
      cause: error,
    });
  }
  const ended = error.signal ? `it was ended by ${error.signal}` : (exhausted(error) ?? error.message);
  const reason = stderr.trim() || ended;
  return new KvmnetError('BACKEND', `${command} failed: ${reason}`, { details, cause: error });
}
