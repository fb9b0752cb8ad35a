/**
 * Runs many command lines through the built command line, one after the other in this process, and prints what each came to.
 * Standard input: `{ dist, commands: [{ args, stdin }] }`; standard output: a list of `{ stdout, stderr, status }`.
 */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const { dist, commands } = JSON.parse(await text(process.stdin));
const { runProgram } = await import(`${dist}/cli/program.js`);
const { Session } = await import(`${dist}/cli/session.js`);

const said = { stdout: '', stderr: '' };
const writer = (name) => ({
  write: (chunk, done) => {
    said[name] += chunk;
    done?.();
    return true;
  },
});
const [stdout, stderr] = [writer('stdout'), writer('stderr')];

// One connection for all: what costs time is opening it.
const session = new Session();
const outcomes = [];
for (const { args, stdin = '' } of commands) {
  Object.assign(said, { stdout: '', stderr: '' });
  const status = await runProgram(args, { stdin: Readable.from([stdin]), stdout, stderr }, session);
  outcomes.push({ ...said, status });
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
