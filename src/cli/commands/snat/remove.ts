import { planSourceRemove } from '../../../plan/nat/source.ts';
import { parseSubnet } from '../../../values/subnet.ts';
import { hostScope } from '../../context.ts';
import { natFacts } from '../../nat-change.ts';
import { typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { dev, subnet } from './arguments.ts';

export const command = typed({
  arguments: [{ ...subnet, completes: 'snat' }],
  options: { dev },
  description: 'Forwarding of packets stays on until the next boot: other programs may rely on it by now.',
  examples: [
    ['snat remove 192.168.10.0/24', 'On all devices'],
    ['snat remove 192.168.10.0/24 --dev eth0', 'On one device'],
  ],
  async run(context, [typedSubnet = ''], { dev: device }) {
    const wanted = { subnet: parseSubnet(typedSubnet, 'SUBNET'), dev: device };
    const result = await context.change(
      async (state) => {
        const facts = await natFacts(context, state, 'change the source NAT of this host');
        return planSourceRemove(wanted, facts);
      },
      { ...hostScope, only: ['host'], routes: false },
    );
    if (result.resumed) return changeResult(context, result, result.plan.title);
    return changeResult(context, result, `no source NAT of ${typedSubnet} any more`, { sources: result.plan.sources });
  },
});
