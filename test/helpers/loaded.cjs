// Preloaded into kvmnet by node --require: at its end it writes the files of code that it has loaded, a line each, to LOADED_FILES.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  writeFileSync(process.env.LOADED_FILES, `${Object.keys(require.cache).join('\n')}\n`);
});
