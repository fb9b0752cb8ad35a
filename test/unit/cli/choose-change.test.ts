import { describe, expect, it } from '@jest/globals';
import { chooseNewest } from '../../../src/cli/choose-change.ts';
import { KvmnetError } from '../../../src/errors.ts';

const create = { command: 'net create a --isolated', outcome: 'done' } as const;
const undo = { command: 'undo', outcome: 'done', undoes: 'x' } as const;
const undone = { ...create, outcome: 'undone' } as const;

function hintOf(entries: Parameters<typeof chooseNewest>[0]): string | undefined {
  try {
    chooseNewest(entries);
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof KvmnetError ? error.hint : String(error);
  }
}

describe('the change that undo undoes', () => {
  it('is the newest that is done, and no undo', () => {
    expect(chooseNewest([undo, undone, create])).toBe(create);
  });

  it('is none if all are undone, and the hint has the command to redo it', () => {
    expect(hintOf([undone, undo, undone])).toBe(
      'kvmnet undo 2 does again what was undone last; kvmnet history shows all changes',
    );
    expect(hintOf([undone])).toBe('kvmnet history shows what was changed');
  });
});
