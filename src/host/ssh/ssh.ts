/** The command lines of the system's own ssh. */
import { KvmnetError } from '../../errors.ts';

/** A host in the terms of ssh(1); omitted parts come from the user's own configuration. */
export interface SshTarget {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** A file with a private key. */
  readonly identity?: string | undefined;
}

/**
 * ssh joins its arguments, and a shell on the other host takes them apart again: each is quoted, so that none means anything to it.
 * @param words the program to run there, with its arguments
 * @param options of ssh, in addition
 */
export function overSsh(
  target: SshTarget,
  words: readonly string[],
  options: readonly string[] = [],
): readonly [string, ...string[]] {
  const { host, user, port, identity } = target;
  return [
    ...(['ssh', '-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'] as const),
    ...options,
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identity === undefined ? [] : ['-i', identity]),
    ...(user === undefined ? [] : ['-l', user]),
    ...['--', host, words.map(quoted).join(' ')],
  ];
}

/** CONNECT, in ssh's own words. */
export function sshFailure({ host }: SshTarget, reason: string, cause?: Error): KvmnetError {
  return new KvmnetError('CONNECT', `ssh to ${host} failed: ${reason.trim() || 'no reason given'}`, {
    hint: `it must work without a question: ssh -o BatchMode=yes ${host} true`,
    cause,
  });
}

/** For POSIX's sh: within single quotes nothing is special but the single quote. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
