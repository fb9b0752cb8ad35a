import { rollBack } from '../../apply/confirm.ts';
import type { CommandDefinition } from '../command.ts';
import { finishPending } from './finish-pending.ts';

export const command: CommandDefinition = {
  description: 'Reverts the change now instead of when its time runs out. Undo a confirmed change with kvmnet undo.',
  examples: [['rollback', 'Revert the change that is awaiting confirmation']],
  run: (context) => finishPending(context, 'rolled back', rollBack),
};
