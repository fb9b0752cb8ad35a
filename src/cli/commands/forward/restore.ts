import { natSteps } from '../../../plan/nat/steps.ts';
import { hookWarnings, natFacts } from '../../nat-change.ts';
import { hostScope } from '../../context.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeResult } from '../../views/plan.ts';

export const command: CommandDefinition = {
  description:
    'After nft flush ruleset, iptables -F or another program that removed rules. Networks that start and the boot restore them without it. ' +
    'Does nothing if all rules are in force.',
  examples: [
    ['forward restore', 'Load the rules again'],
    ['forward list', 'See which are in force'],
  ],
  async run(context) {
    const result = await context.change(
      async (state) => {
        const facts = await natFacts(context, state, 'load the rules of this host');
        const steps = natSteps(facts.rules, facts);
        return { title: 'restore forwards and source NAT', steps, warnings: hookWarnings(facts), consent: [] };
      },
      { ...hostScope, only: ['host'], routes: false },
    );
    return changeResult(context, result, 'all rules are in force');
  },
};
