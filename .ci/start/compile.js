#!/usr/bin/env node
// `node compile.js`: runs commands on libvirt's test driver, and leaves the code that V8 compiles for them to kvmnet.js. It needs the right to
// write beside itself; whatever it cannot do only makes kvmnet start later.
'use strict';
const { spawnSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { basename, dirname } = require('node:path');
const { folder, useCompiled } = require('./kvmnet.js');

const commands = [
  ['--help'],
  ...[
    'net list',
    'net show default',
    'vm list',
    'domiflist test',
    'virsh net-list',
    'bridge list',
    'net create compiled --isolated',
    'vm attach test default --config',
  ].map((line) => ['-c', 'test:///default', ...line.split(' ')]),
];

/** Each command adds what it uses to the code of those before it. */
function compileAll() {
  const home = mkdtempSync(`${tmpdir()}/kvmnet-compile-`);
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const env = { PATH: process.env.PATH, HOME: home, KVMNET_STATE_DIR: home };
    for (const words of commands) {
      spawnSync(process.execPath, [__filename, ...words], { env, stdio: 'ignore', timeout: 30_000 });
    }
    for (const name of readdirSync(dirname(folder))) {
      if (name !== basename(folder)) rmSync(`${dirname(folder)}/${name}`, { recursive: true });
    }
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** Runs one command, and leaves its code at the end of the process. */
function compileOne() {
  const scripts = new Map();
  useCompiled((name, script) => scripts.set(name, script));
  process.on('exit', () => {
    for (const [name, script] of scripts) {
      const file = `${folder}/${name}.bin`;
      writeFileSync(`${file}.new`, script.createCachedData());
      renameSync(`${file}.new`, file);
    }
  });
  require('./main.js');
}

if (process.argv.length > 2) {
  compileOne();
} else {
  try {
    compileAll();
  } catch ({ message }) {
    process.stderr.write(`kvmnet: no compiled code: ${message}\n`);
    process.exitCode = 1;
  }
}
