/**
 * Preloaded: does one thing the moment kvmnet prints a certain line on stderr: what a kill, a signal or a rival does at the worst moment.
 * FAULT says which line, and what: see fault.ts.
 */
import { execFileSync } from 'node:child_process';

const { line, signal, run, later = 0, again } = JSON.parse(process.env.FAULT ?? '{}');

const write = process.stderr.write.bind(process.stderr);
// Threads load this too, and have no FAULT.
let waiting = line !== undefined;
for (const name of ['FAULT', 'NODE_OPTIONS', 'BUN_OPTIONS']) delete process.env[name];

process.stderr.write = (text, ...rest) => {
  const written = write(text, ...rest);
  if (waiting && String(text).includes(line)) {
    waiting = false;
    if (later > 0) setTimeout(strike, later);
    else strike();
    if (again !== undefined) setTimeout(strike, later + again);
  }
  return written;
};

function strike() {
  if (run) execFileSync(run[0], run.slice(1));
  if (signal) process.kill(process.pid, signal);
}
