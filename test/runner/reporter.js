/** After jest's own report: how to run alone what failed, and which files took longest. */
import { relative } from 'node:path';

const slowest = 10;

export default class Reporter {
  #root;

  constructor({ rootDir }) {
    this.#root = rootDir;
  }

  onRunComplete(_contexts, { testResults }) {
    const lines = this.report(testResults);
    if (lines.length > 0) process.stderr.write(`\n${lines.join('\n')}\n`);
  }

  /** The lines of the report, by jest's results of each file. */
  report(testResults) {
    return [...testResults.flatMap((result) => this.#failures(result)), ...this.#slowest(testResults)];
  }

  #failures({ testFilePath, displayName, testResults, testExecError, failureMessage }) {
    const command = `test/run ${displayName?.name} ${relative(this.#root, testFilePath)}`;
    const failed = testResults.filter(({ status }) => status === 'failed');
    // A file that could not run, or a hook that failed for all of it.
    if (testExecError || (failed.length === 0 && failureMessage)) return [`failed; alone: ${command}`];
    return failed.map(({ fullName }) => `failed; alone: ${command} -t ${quoted(fullName)}`);
  }

  #slowest(results) {
    if (results.length < slowest) return [];
    const files = results.map(({ testFilePath, perfStats: { start, end } }) => [(end - start) / 1000, testFilePath]);
    const rows = files.sort(([a], [b]) => b - a).slice(0, slowest);
    return [
      `the ${slowest} files that took longest:`,
      ...rows.map(([seconds, path]) => `${seconds.toFixed(1).padStart(7)} s  ${relative(this.#root, path)}`),
    ];
  }
}

/** A pattern of jest's that matches this name, as a word of a shell. */
function quoted(name) {
  const pattern = `^${name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
  return `'${pattern.replaceAll("'", `'\\''`)}'`;
}
