import { planMove } from '../../../plan/nic/change.ts';
import { findSource } from '../../../plan/nic/source.ts';
import { swappedHint } from '../../../plan/nic/swapped.ts';
import { quoted } from '../../../values/quoted.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { findNic } from '../../../state/nics.ts';
import type { State } from '../../../state/state.ts';
import { typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { scopeOptions, nic, source, sourceTypes, vm, wantedScopes, wantedType } from './arguments.ts';

export const command = typed({
  arguments: [vm, nic, source],
  options: { ...sourceTypes, ...scopeOptions },
  description:
    'The NIC keeps its MAC address and PCI slot; its link goes down and up, so that the guest requests a new lease.',
  examples: [
    ['vm move VM1 0 default', 'Move its first NIC to the network default, now and at the next boot'],
    ['vm move VM1 net=keennet br0 --live', 'Move it until the next boot'],
  ],
  async run(context, [name = '', selector = '', wanted = ''], options) {
    const move = (state: State) => {
      const right = swappedHint(state, [name, wanted], (domain, to) => `vm move ${domain} ${quoted(selector)} ${to}`);
      const domain = findDomain(state, name, right);
      const found = findNic(domain, selector);
      const to = findSource(state, wanted, wantedType(options));
      return { ...planMove({ domain, nic: found, wanted: wantedScopes(options), source: to }, state), mac: found.mac };
    };
    const result = await context.change(move, { domains: [name], leases: false, routes: false });
    const mac = result.resumed ? undefined : result.plan.mac;
    return changeResult(context, result, `${name}: NIC ${mac ?? selector} is attached to ${wanted}`, {
      domain: name,
      mac,
      source: wanted,
    });
  },
});
