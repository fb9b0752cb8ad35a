import { findBridge, linksOf } from '../../../plan/host/find-link.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostScope } from '../../context.ts';
import { bridgeText, noBridges, summarizeBridges } from '../../views/bridge.ts';
import { anyBridges } from './arguments.ts';

export const command: CommandDefinition = {
  arguments: [anyBridges],
  examples: [
    ['bridge show br0', 'Show its settings, its ports with state and VLANs, and its guests'],
    ['bridge show', 'Show all bridges'],
  ],
  async run(context, names) {
    const state = await context.observe({ ...hostScope, vlans: true, routes: false });
    names.forEach((name) => findBridge(name, linksOf(state)));
    const all = summarizeBridges(state);
    const shown = names.length === 0 ? all : names.flatMap((name) => all.filter((bridge) => bridge.name === name));
    return { value: shown, text: shown.length === 0 ? noBridges : shown.map(bridgeText).join('\n\n') };
  },
};
