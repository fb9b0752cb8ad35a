import { planNetworkStop } from '../../../plan/network/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  description:
    'libvirt removes the bridge of a stopped network: guests that are plugged in lose their connection, and are named first.',
  examples: [
    ['net stop keennet', 'asks before guests are cut off'],
    ['net stop keennet --yes', 'does not ask'],
  ],
  run: changeNetworks(planNetworkStop, (names) => `stopped ${names}`),
};
