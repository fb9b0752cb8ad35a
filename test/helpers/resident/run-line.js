/** Runs one command line of the build in this process, as src/cli/process.ts runs one, and returns what it printed and its exit status. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const { runProgram } = await import(new URL('../../../dist/cli/program.js', import.meta.url));

/** The executable under test: it is a process of its own. */
const { KVMNET_PROGRAM } = process.env;
const executable = KVMNET_PROGRAM === 'npm' ? undefined : KVMNET_PROGRAM;
const top = fileURLToPath(new URL('../../../', import.meta.url));

export async function runLine({ args, stdin = '' }, session) {
  if (executable !== undefined) {
    const { stdout, stderr, status } = spawnSync(resolve(top, executable), args, { input: stdin, encoding: 'utf8' });
    return { stdout, stderr, status };
  }
  const output = { stdout: '', stderr: '' };
  const writer = (name) =>
    new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        output[name] += chunk;
        done();
      },
    });
  const streams = { stdin: Readable.from([stdin]), stdout: writer('stdout'), stderr: writer('stderr') };
  return { status: await runProgram(args, streams, session), ...output };
}
