// One project for each level of tests: see docs/testing.md. Run one with `jest --selectProjects unit [FILE]`.
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The levels that test the build: they import it by the package's name, as a user of the library does. */
const onTheBuild = {
  moduleNameMapper: { '^kvmnet$': '<rootDir>/dist/index.js' },
  setupFiles: ['<rootDir>/test/helpers/fresh-koffi.ts'],
};

/** Tests of other levels that take figures of time, which bench holds to their limits (test/helpers/figure.ts). */
const timed = [
  'system/{vm/deaf-agent,net/restart,net/rename,net/set}.test.ts',
  'embedded/{connection,completion}.test.ts',
];

const level = (name, more = {}) => ({
  displayName: name,
  rootDir: root,
  roots: ['<rootDir>/test'],
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  runner: '<rootDir>/test/runner/runner.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { swcrc: false, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  ...more,
});

export default {
  rootDir: root,
  passWithNoTests: true,
  reporters: ['default', '<rootDir>/test/runner/reporter.js'],
  // For a machine that does much else: a test ends by what it waits for (test/helpers/wait.ts), or by a bound of its own, and both say what it
  // was. This is longer than either.
  testTimeout: 600_000,
  projects: [
    level('unit'),
    level('embedded', onTheBuild),
    // A process of the executable starts in a quarter of the time of one of the npm build, and here there are a thousand.
    level('system', { ...onTheBuild, globals: { kvmnetProcess: `dist/binary/kvmnet-linux-${process.arch}` } }),
    level('lab', onTheBuild),
    level('bench', {
      ...onTheBuild,
      testMatch: ['bench/**/*.test.ts', ...timed].map((files) => `<rootDir>/test/${files}`),
    }),
  ],
};
