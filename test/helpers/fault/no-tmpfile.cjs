/** Preloaded: the file systems of this process have no files without names, as NFS. */
const fs = require('node:fs');

const { openSync } = fs;
const O_TMPFILE = 0o20000000;
fs.openSync = (path, flags, ...rest) => {
  if ((Number(flags) & O_TMPFILE) !== 0) throw new Error('EOPNOTSUPP');
  return openSync(path, flags, ...rest);
};
require('node:module').syncBuiltinESMExports();
