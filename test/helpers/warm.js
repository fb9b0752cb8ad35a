/**
 * A kvmnet that stays, with its code and libvirt loaded: runs the command lines that it is sent one after the other, each
 * with a session of its own, as src/cli/main.ts runs one. A message is `{ args, stdin }`, its answer `{ stdout, stderr, status, cpu }`.
 */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const { bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
// What a command line starts, a watchdog for one, is the program and not this.
process.argv[1] = fileURLToPath(new URL(bin.kvmnet, root));

const { runProgram } = await import(new URL('dist/cli/program.js', root));
const { Session } = await import(new URL('dist/cli/session.js', root));
const { exitNow } = await import(new URL('dist/libvirt/exit.js', root));

process.on('message', async ({ args, stdin }) => {
  const said = { stdout: '', stderr: '' };
  const writer = (name) => ({
    write: (chunk, done) => {
      said[name] += chunk;
      done?.();
      return true;
    },
  });
  const before = process.cpuUsage();
  const session = new Session();
  const streams = { stdin: Readable.from([stdin]), stdout: writer('stdout'), stderr: writer('stderr') };
  const status = await runProgram(args, streams, session);
  if (!session.hung) await session.close();
  const { user, system } = process.cpuUsage(before);
  // A thread that hangs in libvirt is ended by the end of its process alone.
  process.send({ ...said, status, cpu: (user + system) / 1000, ends: session.hung }, () => session.hung && exitNow(0));
});
