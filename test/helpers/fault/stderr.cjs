/**
 * Preloaded by others: what this process prints on stderr. To a terminal or a socket, as Node.js makes for its children, that is the runtime's
 * own stream, to a file or a pipe a system call on a descriptor of its own.
 */
// CommonJS: what an import has taken from a module before, Bun does not replace any more.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const { writeSync } = fs;
const fileOf = (fd) => fs.readlinkSync(`/proc/self/fd/${fd}`);

/** Writes on stderr what is not reported. */
exports.writeAside = (text) => writeSync(2, text);

/** Reports each text to `before` it is printed, or `after` it is. */
exports.onStderr = ({ before = () => undefined, after = () => undefined }) => {
  const reporting =
    (write, isMeant) =>
    (...args) => {
      const text = isMeant(...args);
      if (text !== undefined) before(text);
      const written = write(...args);
      if (text !== undefined) after(text);
      return written;
    };
  fs.writeSync = reporting(writeSync, (fd, text) => (fileOf(fd) === fileOf(2) ? String(text) : undefined));
  syncBuiltinESMExports();
  process.stderr.write = reporting(process.stderr.write.bind(process.stderr), String);
};
