#!/usr/bin/env node
// Starts the command line, main.js, with the code that V8 compiled when kvmnet was built or installed, where compile.js has left it: to compile
// it takes a fifth of a short command. See docs/decisions/0021-compiled-code.md.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { basename, dirname } = require('node:path');
const { Script } = require('node:vm');

// V8 refuses the code of another version, but compares only the length of the source.
const build = 'BUILD';
const folder = `${__dirname}/compiled/${process.versions.v8}-${process.arch}-${build}`;

/**
 * Loads the files of this folder with their compiled code.
 * @param {(name: string, script: Script) => void} [onScript] gets each file that is loaded, also those without
 */
function useCompiled(onScript) {
  const load = require.extensions['.js'];
  require.extensions['.js'] = (module, file) => {
    const isOwn = dirname(file) === __dirname;
    const cachedData = isOwn ? readCompiled(basename(file)) : undefined;
    if (cachedData === undefined && !(isOwn && onScript)) {
      load(module, file);
      return;
    }
    const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
    const script = new Script(text, { filename: file, cachedData });
    onScript?.(basename(file), script);
    script.runInThisContext()(module.exports, module.require.bind(module), module, file, __dirname);
  };
}

function readCompiled(name) {
  try {
    return readFileSync(`${folder}/${name}.bin`);
  } catch {
    return undefined;
  }
}

if (require.main === module) {
  if (existsSync(folder)) useCompiled();
  require('./main.js');
}

module.exports = { folder, useCompiled };
