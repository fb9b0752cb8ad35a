import { readManagers } from '../../../host/config-files.ts';
import { readFeatures, readForwarding } from '../../../host/kernel.ts';
import { hostTarget } from '../../../observe/host-target.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostLook } from '../../host-change.ts';
import { hostText, summarizeHost } from '../../views/host.ts';

export const command: CommandDefinition = {
  description:
    'Shows the links as a tree: ports below their bridge or bond, VLAN and macvlan devices below their NIC. Then default routes, ' +
    "forwarding, and the program that brings devices up at boot. For another host, that program and the kernel's features are unknown.",
  examples: [
    ['host show', 'Show links, addresses, default routes and forwarding'],
    ['host show --json', 'Print all fields for programs'],
  ],
  async run(context) {
    const on = hostTarget(context.options.uri);
    const [state, forwarding] = await Promise.all([
      context.observe(hostLook),
      readForwarding({ on, onRun: context.traceRun }),
    ]);
    const own = on ? undefined : { managers: readManagers('/')?.managers, features: readFeatures() };
    const shown = summarizeHost(state, { forwarding, managers: own?.managers, features: own?.features });
    return { value: shown, text: hostText(shown) };
  },
};
