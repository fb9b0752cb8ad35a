/**
 * Preloaded: does one thing the moment kvmnet prints a certain line on stderr: what a kill, a signal or a rival does at the worst moment.
 * FAULT says which line, and what: see fault.ts.
 */
const { execFileSync } = require('node:child_process');
const { onStderr } = require('./stderr.cjs');

const { line, signal, run, later = 0, again } = JSON.parse(process.env.FAULT ?? '{}');
// Threads load this too, and have no FAULT.
let waiting = line !== undefined;
for (const name of ['FAULT', 'NODE_OPTIONS', 'BUN_OPTIONS']) delete process.env[name];

if (waiting) {
  onStderr({
    after: (text) => {
      if (!waiting || !text.includes(line)) return;
      waiting = false;
      if (later > 0) setTimeout(strike, later);
      else strike();
      if (again !== undefined) setTimeout(strike, later + again);
    },
  });
}

function strike() {
  if (run) execFileSync(run[0], run.slice(1));
  if (signal) process.kill(process.pid, signal);
}
