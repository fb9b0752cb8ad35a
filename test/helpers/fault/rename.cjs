/**
 * Preloaded: just before this process renames a file to a path that FAULT_RENAME matches, it ends as by kill -9 or a power failure; or, where
 * FAULT_MODE is there, somebody gives the file that mode.
 */
const fs = require('node:fs');
const { chmodSync, renameSync } = fs;
const { FAULT_RENAME, FAULT_MODE } = process.env;
const wanted = new RegExp(FAULT_RENAME);

fs.renameSync = (from, to) => {
  if (wanted.test(String(to))) {
    if (FAULT_MODE === undefined) process.kill(process.pid, 'SIGKILL');
    else chmodSync(from, parseInt(FAULT_MODE, 8));
  }
  renameSync(from, to);
};
require('node:module').syncBuiltinESMExports();
