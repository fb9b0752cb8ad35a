import { findNetwork } from '../../../plan/find-network.ts';
import { planPin, type PinPlan } from '../../../plan/pin.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeResult } from '../../views/plan.ts';
import { networkName } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [networkName, { name: '<VM...>', description: 'the domains', completes: 'domain' }],
  options: [{ flags: '--replace', description: 'in place of other reservations of these guests' }],
  description: 'Reserves the addresses that guests have leased, so that they keep them.',
  examples: [['net pin keennet VM1 VM2', 'both keep the addresses that they have']],
  async run(context, [name = '', ...names], { replace }) {
    let pinned: PinPlan['pinned'] = [];
    const result = await context.change(
      (state) => {
        const network = findNetwork(state, name);
        const plan = planPin({ network, names, replace: replace === true, now: Date.now() / 1000 }, state);
        pinned = plan.pinned;
        return plan;
      },
      { links: false, routes: false },
    );
    const done = pinned.map(({ domain, address }) => `${domain} keeps ${address}`).join('\n') || result.plan.title;
    return changeResult(context, result, done, { network: name, pinned });
  },
};
