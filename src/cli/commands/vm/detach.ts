import { planDetach } from '../../../plan/nic/change.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { findNic } from '../../../state/nics.ts';
import { typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { scopeOptions, nic, vm, wantedScopes } from './arguments.ts';

export const command = typed({
  arguments: [vm, nic],
  options: scopeOptions,
  description:
    'Waits until the NIC is gone: a running guest has 30 seconds (--timeout) to release it. The stored definition changes only after ' +
    'that.',
  examples: [
    ['vm detach VM1 1', 'Detach the second NIC, by its index in vm nics'],
    ['vm detach VM1 net=keennet', 'Detach the NIC on keennet'],
    ['vm detach VM1 52:54:00:12:34:56 --config', 'Detach it at the next boot only'],
  ],
  async run(context, [name = '', selector = ''], options) {
    const result = await context.change(
      (state) => {
        const domain = findDomain(state, name);
        const found = findNic(domain, selector);
        return { ...planDetach({ domain, nic: found, wanted: wantedScopes(options) }, state), mac: found.mac };
      },
      { only: ['domains'], domains: [name] },
    );
    const mac = result.resumed ? undefined : result.plan.mac;
    return changeResult(context, result, `${name}: NIC ${mac ?? selector} detached`, { domain: name, mac });
  },
});
