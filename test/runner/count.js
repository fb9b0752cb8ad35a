/** Prints what jest counted, `PASSED FAILED SKIPPED`: of its results in the file argv[2], where it ended with the status argv[3]. */
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const found = JSON.parse(readFileSync(file, 'utf8'));
const failed = found.numFailedTests + found.numRuntimeErrorTestSuites;
// A run that failed without a failed test did so for another reason.
console.log(found.numPassedTests, failed || Number(status !== '0'), found.numPendingTests + found.numTodoTests);
