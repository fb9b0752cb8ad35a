import { planNetworkStart } from '../../../plan/network/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './change-networks.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  description:
    'An active network stays unchanged; if it is broken, that is reported, with exit status 3. Running guests that lost their bridge ' +
    'when the network stopped stay cut off, and are listed: net heal reattaches them.',
  examples: [['net start default keennet', 'Start both; active networks stay unchanged']],
  run: changeNetworks(
    planNetworkStart,
    (started) => `started ${started}`,
    (result, { findings }) =>
      findings.length === 0 ? result : { ...result, value: { ...Object(result.value), findings }, status: 3 },
  ),
};
