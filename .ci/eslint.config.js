// What the compiler does not say. Layers and imports are .ci/dependency-cruiser.cjs's, layout is prettier's.
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const mocks = ['fn', 'mock', 'unstable_mockModule', 'spyOn', 'useFakeTimers'].map((property) => ({
  object: 'jest',
  property,
  message: 'No mocks: pure code takes data, everything else meets the real thing (docs/testing.md).',
}));

const unrun = ['only', 'skip', 'todo', 'failing'].flatMap((property) =>
  ['it', 'test', 'describe'].map((object) => ({
    object,
    property,
    message: 'Every test runs, and none hides the others.',
  })),
);

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'fixtures/', 'templates/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-unreachable-loop': 'error',
      'no-template-curly-in-string': 'error',
      // process.env['NAME'] shows that the name is the environment's, not ours.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      // Numbers print as one expects; objects and undefined do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A union is clearer than an index signature, and a record than either where keys are open: the author chooses.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      // Results go through cli/output/output.ts, so that stdout carries nothing else.
      'no-console': 'error',
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      // Undo and open connections must get their turn before the program ends.
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Only cli/process.ts ends the program.' },
      ],
    },
  },
  // The program's end, and a thread's.
  { files: ['src/cli/process.ts', 'src/libvirt/worker.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    // The edge to C: signatures are libvirt's, and a declared type is a statement about C that nothing can infer.
    files: ['src/libvirt/ffi/*.ts', 'src/libvirt/native.ts'],
    rules: { 'max-params': 'off', '@typescript-eslint/no-unnecessary-type-parameters': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...mocks, ...unrun],
      // Tests read what programs print: JSON.parse gives any, and the assertion is the check.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
