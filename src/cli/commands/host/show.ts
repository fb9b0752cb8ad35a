import { observeKernel } from '../../../observe/kernel.ts';
import type { CommandDefinition } from '../../command.ts';
import { hostScope } from '../../context.ts';
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
    const [state, kernel] = await Promise.all([
      context.observe(hostScope),
      observeKernel(context.options.uri, context.traceRun),
    ]);
    const shown = summarizeHost(state, kernel);
    return { value: shown, text: hostText(shown) };
  },
};
