import { findBridge, hostOf } from '../../../plan/host/find-link.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostLook } from '../../host-change.ts';
import { bridgeText, summarizeBridges } from '../../views/bridge.ts';
import { bridges } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [bridges],
  examples: [['bridge show br0', 'its settings, its ports with their state and VLANs, its guests']],
  async run(context, names) {
    const state = await context.observe({ ...hostLook, vlans: true, routes: false });
    names.forEach((name) => findBridge(name, hostOf(state)));
    const all = summarizeBridges(state);
    const shown = names.flatMap((name) => all.filter((bridge) => bridge.name === name));
    return { value: shown, text: shown.map(bridgeText).join('\n\n') };
  },
};
