/**
 * Runs many command lines one after the other in this process, over one connection, and prints the outcome of each.
 * Standard input: a list of `{ args, stdin }`; standard output: a list of `{ stdout, stderr, status }`.
 */
import { text } from 'node:stream/consumers';
import { runLine } from '../resident/run-line.js';

const { Session } = await import(new URL('../../../dist/cli/session.js', import.meta.url));

// Opening the connection is what takes time.
const session = new Session();
const outcomes = [];
for (const line of JSON.parse(await text(process.stdin))) outcomes.push(await runLine(line, session));
process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
