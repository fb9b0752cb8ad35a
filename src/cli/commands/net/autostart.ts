import { planNetworkAutostart } from '../../../plan/network/lifecycle.ts';
import { flag, typed } from '../../options.ts';
import { changeNetworks, networkNames } from './change-networks.ts';

export const command = typed({
  arguments: [networkNames],
  options: { disable: flag('--disable', 'Disable autostart') },
  examples: [
    ['net autostart keennet', 'Start it at boot from now on'],
    ['net autostart keennet --disable', 'No longer start it at boot'],
  ],
  run: changeNetworks(
    (names, state, { disable }: { readonly disable: boolean }) => planNetworkAutostart(names, !disable, state),
    (names, { disable }) => (disable ? `${names}: not started at boot any more` : `${names}: started at boot`),
  ),
});
