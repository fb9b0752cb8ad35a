import { readBridgeVlans } from '../../../host/bridge-vlans.ts';
import { hostTarget } from '../../../observe/host-target.ts';
import { findBridge, hostOf } from '../../../plan/host/find-link.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostLook } from '../../host-change.ts';
import { bridgeText, summarizeBridges } from '../../views/bridge.ts';
import { bridges } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [bridges],
  examples: [['bridge show br0', 'its settings, its ports with their state and VLANs, its guests']],
  async run(context, names) {
    const state = await context.observe({ ...hostLook, routes: false });
    const found = names.map((name) => findBridge(name, hostOf(state)));
    const options = { on: hostTarget(context.options.uri), onRun: context.traceRun };
    const vlansOf = found.some((link) => link.bridge?.vlanFiltering) ? await readBridgeVlans(options) : undefined;
    const all = summarizeBridges(state, vlansOf);
    const shown = names.flatMap((name) => all.filter((bridge) => bridge.name === name));
    return { value: shown, text: shown.map(bridgeText).join('\n\n') };
  },
};
