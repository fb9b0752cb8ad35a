import { natFacts } from '../../nat-change.ts';
import { hostScope } from '../../context.ts';
import type { CommandDefinition } from '../../command.ts';
import { exportText } from '../../views/forward.ts';

export const command: CommandDefinition = {
  description: 'Prints one line for each forward, as forward import reads it, and the source NAT as rules of iptables.',
  examples: [
    ['forward export >forwards.txt', 'Save them'],
    ['-c qemu+ssh://root@host2/system forward import forwards.txt', 'Add them on another host'],
  ],
  async run(context) {
    const state = await context.observe({ ...hostScope, only: ['host'], routes: false });
    const { rules } = await natFacts(context, state, 'see the rules of this host');
    return { value: rules, text: exportText(rules) };
  },
};
