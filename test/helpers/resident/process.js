/**
 * The process behind resident.ts: kvmnet with its code and libvirt loaded, which runs the command lines it is sent one
 * after the other. A message is `{ args, stdin, cwd }`, its answer `{ stdout, stderr, status, cpu, ends }`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runLine } from './run-line.js';

const root = new URL('../../../', import.meta.url);
const { bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
// What a command starts, such as a watchdog, is the program and not this file.
process.argv[1] = fileURLToPath(new URL(bin.kvmnet, root));

const { Session } = await import(new URL('dist/cli/session.js', root));
const { exitNow } = await import(new URL('dist/libvirt/ffi/exit.js', root));

const home = process.cwd();

process.on('message', async ({ cwd = home, ...line }) => {
  process.chdir(cwd);
  const before = process.cpuUsage();
  const session = new Session();
  const outcome = await runLine(line, session);
  const ends = session.hung;
  if (!ends) await session.close();
  const { user, system } = process.cpuUsage(before);
  // Only the end of the process ends a thread that hangs in libvirt.
  process.send({ ...outcome, cpu: (user + system) / 1000, ends }, () => ends && exitNow(0));
});
