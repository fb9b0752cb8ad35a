import { bridgeSettings, planBridgeSet } from '../../../plan/host/bridge-set.ts';
import { changeHost } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { bridge } from './arguments.ts';

const width = Math.max(...Object.keys(bridgeSettings).map((key) => key.length));

export const command = typed({
  arguments: [
    bridge,
    {
      name: '<KEY=VALUE...>',
      description: 'Settings to change',
      completes: Object.keys(bridgeSettings).map((key) => `${key}=`),
    },
  ],
  options: { ...confirmOptions, ...persistOptions },
  description: `Settings:\n${Object.entries(bridgeSettings)
    .map(([key, what]) => `  ${key.padEnd(width)}  ${what}`)
    .join('\n')}`,
  examples: [
    ['bridge set br0 ageing-time=60', 'Forget MAC addresses after a minute'],
    ['bridge set br0 stp=on forward-delay=4', 'Change several settings'],
  ],
  run(context, [name = '', ...pairs], options) {
    return changeHost(
      context,
      (state) => planBridgeSet(name, pairs, state),
      `bridge ${name}: ${pairs.join(' ')}`,
      [name],
      options,
    );
  },
});
