/**
 * How jest runs the files of all levels: side by side, one in each of as many slots as there are workers. Files in
 * test/system and test/bench/host run on a private host (test/lab/enter); a slot's host serves one file after the other, and after a file
 * that failed the next one gets a fresh host.
 */
import { Worker } from 'jest-worker';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const testWorker = join(dirname(createRequire(import.meta.url).resolve('jest-runner')), 'testWorker.js');
const enter = fileURLToPath(new URL('../lab/enter', import.meta.url));

/** The levels with the longest files first: short ones fill the gaps at the end. */
const order = ['lab', 'system', 'embedded', 'unit', 'bench'];

/** A file ends by the limits of its tests. This ends one whose process does not answer any more. */
const fileLimitMinutes = 45;

const levelOf = (test) => test.context.config.displayName?.name ?? '';

/** jest's interface of a runner with callbacks: https://jestjs.io/docs/configuration#runner-string */
export default class Runner {
  #globalConfig;
  #context;

  constructor(globalConfig, context) {
    this.#globalConfig = globalConfig;
    this.#context = context;
  }

  async runTests(tests, watcher, onStart, onResult, onFailure) {
    // Within a level jest's own order stays: first what failed or took longest the last time.
    const queue = tests.toSorted((a, b) => order.indexOf(levelOf(a)) - order.indexOf(levelOf(b)));
    const maps = new Map(tests.map(({ context }) => [context.config.id, context]));
    const resolvers = [...maps.values()].map(({ config, moduleMap }) => ({
      config,
      serializableModuleMap: moduleMap.toJSON(),
    }));
    const count = Math.min(this.#globalConfig.maxWorkers, queue.length);
    // Each worker is piped to them, and a file that failed is followed by another worker: more than the ten that Node.js expects.
    for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(Infinity);
    const slots = Array.from({ length: count }, (_, index) => new Slot(index + 1, resolvers));
    // One slot takes the lab's files and the others what else there is: several virtual machines at once starve each other.
    const next = (isFirst) => {
      const index = queue.findIndex((test) => (levelOf(test) === 'lab') === isFirst);
      return queue.splice(Math.max(index, 0), 1)[0];
    };
    const serve = async (slot, index) => {
      for (let test = next(index === 0); test && !watcher.isInterrupted(); test = next(index === 0)) {
        await onStart(test);
        await slot.run(/\/test\/(system|bench\/host)\//.test(test.path), this.#request(test)).then(
          (result) => onResult(test, result),
          (error) => onFailure(test, { message: error.message ?? String(error), stack: error.stack ?? '' }),
        );
      }
      await slot.end();
    };
    await Promise.all(slots.map(serve));
  }

  /** What jest-runner's own worker takes. */
  #request({ path, context: { config } }) {
    const { changedFiles, sourcesRelatedToTestsInChangedFiles: related } = this.#context;
    const context = {
      changedFiles: changedFiles && [...changedFiles],
      sourcesRelatedToTestsInChangedFiles: related && [...related],
    };
    return { config, context, globalConfig: this.#globalConfig, path };
  }
}

/** A place where one file runs at a time, with a process for files that need no host and one on a private host. */
class Slot {
  #number;
  #resolvers;
  #workers = new Map();

  constructor(number, resolvers) {
    this.#number = number;
    this.#resolvers = resolvers;
  }

  async run(onHost, request) {
    const worker = this.#workers.get(onHost) ?? this.#start(onHost);
    this.#workers.set(onHost, worker);
    const ended = noteFile(this.#number, request.path);
    let limit;
    const late = new Promise((_, reject) => {
      const error = new Error(`${request.path} did not end within ${fileLimitMinutes} minutes`);
      limit = setTimeout(() => reject(error), fileLimitMinutes * 60_000);
    });
    let isAsBefore = false;
    try {
      const result = await Promise.race([worker.worker(request), late]);
      isAsBefore = result.numFailingTests === 0 && !result.testExecError;
      return result;
    } finally {
      clearTimeout(limit);
      ended();
      if (!isAsBefore) {
        this.#workers.delete(onHost);
        await worker.end();
      }
    }
  }

  #start(onHost) {
    const there = onHost ? { execPath: enter, execArgv: [process.execPath, ...process.execArgv] } : {};
    const worker = new Worker(testWorker, {
      exposedMethods: ['worker'],
      forkOptions: {
        serialization: 'json',
        stdio: 'pipe',
        env: { ...process.env, JEST_WORKER_ID: String(this.#number) },
        ...there,
      },
      maxRetries: 0,
      numWorkers: 1,
      setupArgs: [{ serializableResolvers: this.#resolvers }],
    });
    worker.getStdout()?.pipe(process.stdout);
    worker.getStderr()?.pipe(process.stderr);
    return worker;
  }

  async end() {
    await Promise.all([...this.#workers.values()].map((worker) => worker.end()));
  }
}

/** Tells test/runner/profile.js, where that asks, which file a slot is at, and at the end how long it took. */
function noteFile(slot, file) {
  const folder = process.env.TEST_PROFILE;
  if (folder === undefined) return () => undefined;
  const started = performance.now();
  writeFileSync(`${folder}/slot-${slot}`, file);
  return () => {
    writeFileSync(`${folder}/slot-${slot}`, '');
    appendFileSync(`${folder}/notes`, `${JSON.stringify({ file, wall: performance.now() - started })}\n`);
  };
}
