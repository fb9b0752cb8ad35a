import { confirm } from '../../apply/confirm.ts';
import { ownSshConnection } from '../../observe/access.ts';
import type { CommandDefinition } from '../command.ts';
import { finishPending } from './finish-pending.ts';

export const command: CommandDefinition = {
  description:
    'A change that may cut you off is reverted after 60 seconds, or --confirm-within. If you can still log in to the host, confirm the ' +
    'change with this command over the new connection: an old connection does not prove that new ones work.',
  examples: [
    ['confirm', 'Keep the change that is awaiting confirmation'],
    ['rollback', 'Revert it now'],
  ],
  run: (context) => finishPending(context, 'confirmed', (options) => confirm(ownSshConnection(), options)),
};
