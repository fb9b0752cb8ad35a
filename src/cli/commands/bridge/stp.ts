import { parseSwitch, planBridgeSet } from '../../../plan/host/bridge-set.ts';
import { changeHost } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { bridge } from './arguments.ts';

export const command = typed({
  arguments: [bridge, { name: '<STATE>', description: 'New state: on or off', completes: ['on', 'off'] }],
  options: { ...confirmOptions, ...persistOptions },
  examples: [
    ['bridge stp br0 off', 'New ports forward immediately'],
    ['bridge stp br0 on', 'For a bridge with several paths to one network'],
  ],
  run(context, [name = '', state = ''], options) {
    const value = parseSwitch(state, 'STATE') ? 'on' : 'off';
    return changeHost(
      context,
      (seen) => planBridgeSet(name, [`stp=${value}`], seen),
      `bridge ${name}: STP ${value}`,
      [name],
      options,
    );
  },
});
