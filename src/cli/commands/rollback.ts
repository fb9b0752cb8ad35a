import { rollBack } from '../../apply/confirm.ts';
import type { CommandDefinition } from '../command.ts';
import { settled } from './settled.ts';

export const command: CommandDefinition = {
  description:
    'Does now what comes by itself when nobody confirms. What is confirmed already is taken back by kvmnet undo.',
  examples: [['rollback', 'the change that waits for a confirmation is taken back']],
  run: (context) => settled(context, 'rolled back', rollBack),
};
