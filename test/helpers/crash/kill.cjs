/**
 * Preloaded: ends this process as kill -9 does. Its events are the lines that it prints on stderr with --verbose, and the calls by
 * which it changes the file system, from the first write of the journal on. CRASH is `{ event, later }`: it ends just before that
 * event, or so many milliseconds after it began. Without `event` it runs to its end, and names all events on stderr.
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { onStderr, writeAside } = require('../fault/stderr.cjs');

// Threads load this too, and have no CRASH.
const isWanted = process.env.CRASH !== undefined;
const { event, later = 0 } = JSON.parse(process.env.CRASH ?? '{}');
for (const name of ['CRASH', 'NODE_OPTIONS', 'BUN_OPTIONS']) delete process.env[name];

const changing = ['chmodSync', 'fsyncSync', 'mkdirSync', 'openSync', 'renameSync', 'rmSync', 'writeFileSync'];
let count = 0;

function happens(what) {
  if (!isWanted || (count === 0 && !what.includes('/journal'))) return;
  count += 1;
  if (event === undefined) {
    writeAside(`event ${count}: ${what}\n`);
  } else if (count === event) {
    writeAside(`killed at event ${count}, after ${later} ms: ${what}\n`);
    if (later === 0) process.kill(process.pid, 'SIGKILL');
    else setTimeout(() => process.kill(process.pid, 'SIGKILL'), later);
  }
}

onStderr({ before: (text) => happens(text.trim()) });
for (const name of changing) {
  const call = fs[name];
  fs[name] = (...args) => {
    // Opened to be read: nothing changes.
    if (name !== 'openSync' || /[wax+]/.test(String(args[1] ?? 'r'))) happens(`${name} ${args[0]}`);
    return call(...args);
  };
}
syncBuiltinESMExports();
