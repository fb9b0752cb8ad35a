import { planNetworkStart } from '../../../plan/network/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  description:
    'A network that is active already stays as it is; where it is broken, that is said, with exit status 3. Running guests that lost their bridge when the ' +
    'network stopped stay cut off, and are named: net heal reconnects them.',
  examples: [['net start default keennet', 'starts both; those that are active stay as they are']],
  run: changeNetworks(
    planNetworkStart,
    (started) => `started ${started}`,
    (result, { findings }) =>
      findings.length === 0 ? result : { ...result, value: { ...Object(result.value), findings }, status: 3 },
  ),
};
