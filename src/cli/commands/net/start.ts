import { planNetworkStart } from '../../../plan/network-life-plan.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  examples: [['net start default keennet', 'starts both; those that are active stay as they are']],
  run: changeNetworks(planNetworkStart, (names) => `started ${names}`),
};
