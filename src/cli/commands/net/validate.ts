import { checkNetwork } from '../../../plan/network/check/network.ts';
import { parseNetwork } from '../../../xml/network.ts';
import type { CommandDefinition } from '../../command.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { printable } from '../../../values/printable.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<FILE>', description: 'XML file, or - for standard input', completes: 'file' }],
  description:
    'Checks values, and conflicts with the networks, addresses and routes of the host. The exit status is 3 if anything is found.',
  examples: [['net validate keennet.xml', 'Print all problems of the file']],
  async run(context, [file = '-']) {
    const network = parseNetwork(await readDocument(context, file));
    const state = await context.observe({ leases: false });
    const findings = checkNetwork(network, state);
    const lines = findings.map(
      ({ severity, path, message, hint }) =>
        `${severity}: ${path}: ${printable(message)}${hint === undefined ? '' : `\n  hint: ${hint}`}`,
    );
    return {
      value: { network: network.name, findings },
      text: findings.length === 0 ? `${network.name}: no problems found` : lines.join('\n'),
      status: findings.some(({ severity }) => severity === 'error') ? 3 : 0,
    };
  },
};
