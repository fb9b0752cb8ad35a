import { planNetworkAutostart } from '../../../plan/network/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  options: [{ flags: '--disable', description: 'Disable autostart' }],
  examples: [
    ['net autostart keennet', 'Start it at boot from now on'],
    ['net autostart keennet --disable', 'No longer start it at boot'],
  ],
  run: changeNetworks(
    (names, state, { disable }) => planNetworkAutostart(names, disable !== true, state),
    (names, { disable }) => (disable === true ? `${names}: not started at boot any more` : `${names}: started at boot`),
  ),
};
