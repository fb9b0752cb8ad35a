import { readManagers } from '../../../host/config-files.ts';
import { readFeatures, readForwarding } from '../../../host/kernel.ts';
import { hostTarget } from '../../../observe/host-target.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostLook } from '../../host-change.ts';
import { hostText, summarizeHost } from '../../views/host.ts';

export const command: CommandDefinition = {
  description:
    'Links as a tree: ports below their bridge or bond, VLAN and macvlan devices below their NIC. Then default routes, forwarding, and which program brings ' +
    'devices up at boot; of another host the latter, and what its kernel can do, is not known.',
  examples: [
    ['host show', 'links, addresses, default routes, forwarding'],
    ['host show --json', 'everything, for programs'],
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
