import { planNetworkDelete } from '../../../plan/network-life-plan.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  description:
    'Names every guest that is cut off, and every domain that could not start without the network, and asks.',
  examples: [
    ['net delete keennet', 'stops it and removes its definition'],
    ['net delete keennet --dry-run', 'says what that would do'],
  ],
  run: changeNetworks(planNetworkDelete, (names) => `deleted ${names}`),
};
