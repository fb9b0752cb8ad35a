/** A resident virsh for looking: virsh is started thousands of times otherwise. It reads command lines from a pipe, as it does from a terminal. */
import { afterAll } from '@jest/globals';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { record } from '../profile.ts';

/** virsh's options on the private host. */
export const virshOptions = ['--quiet', '--connect', 'qemu:///system'] as const;

/** Commands that change nothing, and so may be repeated where an answer was lost. */
const looks = new Set(
  [
    'domiflist domifaddr domif-getlink dominfo domstate domuuid domid dumpxml list echo',
    'net-dhcp-leases net-dumpxml net-info net-list net-metadata net-uuid nwfilter-dumpxml nwfilter-list iface-list',
  ].flatMap((line) => line.split(' ')),
);

let resident: ChildProcessWithoutNullStreams | undefined;
let last: Promise<unknown> = Promise.resolve();
let count = 0;

// Each test file starts with a fresh process.
afterAll(end);

function end(): void {
  resident?.kill('SIGKILL');
  resident = undefined;
}

/**
 * Returns virsh's output for its arguments; a single one may hold several commands: `'list --all; net-list'`.
 * Queries run one after the other.
 * @returns undefined if a command could change something or failed: run it in a process of its own
 */
export function lookInResident(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const line = args.join(' ');
  const isPlain = args.length === 1 ? /^[ -~]+$/.test(line) : args.every((word) => /^[\w.:/=-]+$/.test(word));
  const isLook = line.split(';').every((command) => looks.has(command.trim().split(' ')[0]!));
  if (!isPlain || !isLook) return Promise.resolve(undefined);
  const answer = last.then(() => ask(line, env));
  last = answer;
  return answer;
}

function startVirsh(env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  const started = spawn('virsh', virshOptions, { env });
  started.stderr.resume();
  started.stdin.on('error', () => undefined);
  started.once('exit', () => {
    if (resident === started) resident = undefined;
  });
  return started;
}

function ask(line: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  resident ??= startVirsh(env);
  const { stdin, stdout } = resident;
  const started = performance.now();
  count += 1;
  // virsh echoes the lines that it reads: the output of an echo is at the beginning of a line, or follows
  // earlier output.
  const [begin, whole, over] = [`\n<${count}<`, `>${count}>`, `\n|${count}|`];
  return new Promise((resolve) => {
    let said = '';
    const done = (text: string | undefined): void => {
      stdout.removeAllListeners('data').removeAllListeners('close');
      if (text === undefined) end();
      record({ program: 'virsh (resident)', milliseconds: performance.now() - started });
      resolve(text);
    };
    stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes(over)) return;
      const [from, to] = [said.indexOf(begin), said.lastIndexOf(whole, said.indexOf(over))];
      done(from < 0 || to < from ? undefined : said.slice(from + begin.length, to));
    });
    stdout.once('close', () => {
      done(undefined);
    });
    stdin.write(`echo "${begin.trim()}"; ${line}; echo "${whole}"\necho "${over.trim()}"\n`);
  });
}
