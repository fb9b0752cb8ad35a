import { planLink } from '../../../plan/nic/change.ts';
import { parseLinkState } from '../../../plan/nic/options.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { findNic } from '../../../state/nics.ts';
import { typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { scopeOptions, nic, vm, wantedScopes } from './arguments.ts';

export const command = typed({
  arguments: [vm, nic, { name: '<STATE>', description: 'New state: up or down', completes: ['up', 'down'] }],
  options: scopeOptions,
  examples: [
    ['vm link VM1 0 down', 'Cut the guest off, as if its cable were unplugged'],
    ['vm link VM1 0 up', 'Connect it again'],
  ],
  async run(context, [name = '', selector = '', state = ''], options) {
    const link = parseLinkState(state, 'STATE');
    const result = await context.change(
      (seen) => {
        const domain = findDomain(seen, name);
        return planLink({ domain, nic: findNic(domain, selector), wanted: wantedScopes(options), link }, seen);
      },
      { only: ['domains'], domains: [name] },
    );
    return changeResult(context, result, `${name}: link ${link} on NIC ${selector}`, { domain: name, link });
  },
});
