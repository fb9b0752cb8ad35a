/**
 * Runs kvmnet in this process, and does one thing the moment it prints a certain line on stderr: what a kill, a signal or a rival
 * does at the worst moment. FAULT says which line, and what: see fault.ts.
 */
import { execFileSync } from 'node:child_process';

const { main, line, signal, run, later = 0, again } = JSON.parse(process.env.FAULT);
delete process.env.FAULT;

const write = process.stderr.write.bind(process.stderr);
let waiting = true;

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

process.argv[1] = main;
await import(main);
