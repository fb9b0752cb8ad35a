import { planNetworkDefine } from '../../../plan/network/create.ts';
import { parseNetwork } from '../../../xml/network.ts';
import type { CommandDefinition } from '../../command.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeResult } from '../../views/plan.ts';
import { quoted } from '../../../values/quoted.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<FILE>', description: 'XML file, or - for standard input', completes: 'file' }],
  description:
    'Checks the file like `net validate`. If a network with its UUID exists, that network is redefined. Elements that kvmnet does not ' +
    'know are kept.',
  examples: [
    ['net define keennet.xml', 'Define it; `net start` starts it'],
    ['net xml default --inactive | sed s/122/142/ | kvmnet net define -', 'Read it from another program'],
  ],
  async run(context, [file = '-']) {
    const network = parseNetwork(await readDocument(context, file));
    const { name } = network;
    const uuid = crypto.randomUUID();
    const seen = { before: false };
    const result = await context.change(
      (state) => {
        seen.before = state.networks.some((other) => other.name === name);
        return planNetworkDefine(network, state, { uuid });
      },
      { leases: false },
    );
    const done = seen.before ? `redefined ${name}` : `defined ${name}; start it with: kvmnet net start ${quoted(name)}`;
    return changeResult(context, result, done, { network: name });
  },
};
