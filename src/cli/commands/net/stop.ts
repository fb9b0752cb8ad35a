import { planNetworkStop } from '../../../plan/network/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './change-networks.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  description:
    'libvirt removes the bridge of a stopped network: attached guests lose their connection. kvmnet names them first and asks.',
  examples: [
    ['net stop keennet', 'Ask before guests are cut off'],
    ['net stop keennet --yes', 'Do not ask'],
  ],
  run: changeNetworks(planNetworkStop, (names) => `stopped ${names}`),
};
