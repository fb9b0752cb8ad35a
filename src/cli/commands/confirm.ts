import { confirm } from '../../apply/confirm.ts';
import { ownSshConnection } from '../../observe/access.ts';
import type { CommandDefinition } from '../command.ts';
import { settled } from './settled.ts';

export const command: CommandDefinition = {
  description:
    'A change that may cut you off is taken back after 60 seconds, or --confirm-within. Whoever reaches the host afterwards says so by this ' +
    'command, over a new connection: that the old one still works proves nothing.',
  examples: [
    ['confirm', 'the change that waits for it stays'],
    ['rollback', 'or it is taken back now'],
  ],
  run: (context) => settled(context, 'confirmed', (options) => confirm(ownSshConnection(), options)),
};
