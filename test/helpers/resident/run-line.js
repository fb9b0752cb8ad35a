/** Runs one command line of the build in this process, as src/cli/main.ts runs one, and returns what it printed and its exit status. */
import { Readable, Writable } from 'node:stream';

const { runProgram } = await import(new URL('../../../dist/cli/program.js', import.meta.url));

export async function runLine({ args, stdin = '' }, session) {
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
