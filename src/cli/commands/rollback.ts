import { rollBack } from '../../apply/confirm.ts';
import type { CommandDefinition } from '../command.ts';
import { settled } from './settled.ts';

export const command: CommandDefinition = {
  description: 'Reverts the change now instead of when its time runs out. Undo a confirmed change with kvmnet undo.',
  examples: [['rollback', 'Revert the change that is awaiting confirmation']],
  run: (context) => settled(context, 'rolled back', rollBack),
};
