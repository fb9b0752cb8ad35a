import { observeKernel } from '../../../observe/kernel.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostLook } from '../../context.ts';
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
    const [state, kernel] = await Promise.all([
      context.observe(hostLook),
      observeKernel(context.options.uri, context.traceRun),
    ]);
    const shown = summarizeHost(state, kernel);
    return { value: shown, text: hostText(shown) };
  },
};
