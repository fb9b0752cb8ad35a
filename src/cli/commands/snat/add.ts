import { KvmnetError } from '../../../errors.ts';
import { parseSourceTo, planSourceAdd } from '../../../plan/nat/source.ts';
import { parseDeviceName } from '../../../values/name.ts';
import { quoted } from '../../../values/quoted.ts';
import { parseSubnet } from '../../../values/subnet.ts';
import { hostScope } from '../../context.ts';
import { natFacts } from '../../nat-change.ts';
import { parsed, typed } from '../../options.ts';
import { sourceLines } from '../../views/forward.ts';
import { changeResult } from '../../views/plan.ts';
import { dev, subnet } from './arguments.ts';

export const command = typed({
  arguments: [subnet],
  options: {
    to: parsed(
      '--to <IP|masquerade>',
      'New source address; masquerade: the address that the device has',
      (text) => text,
      ['masquerade'],
    ),
    dev,
  },
  description:
    'For guests that have this host as their gateway: what leaves by the device gets an address of the host, so that answers come back. ' +
    'Asks before it enables forwarding of packets, now and for the next boots.',
  examples: [
    ['snat add 192.168.10.0/24 --to masquerade --dev eth0', 'The address of eth0, whatever it is at the time'],
    ['snat add 192.168.3.0/24 --to 192.168.2.2 --dev eth0', 'A fixed address'],
  ],
  async run(context, [typedSubnet = ''], { to, dev: device }) {
    if (to === undefined || device === undefined) {
      throw new KvmnetError('USAGE', `${to === undefined ? '--to' : '--dev'} is missing`, {
        hint: `kvmnet snat add ${quoted(typedSubnet)} --to masquerade --dev eth0`,
      });
    }
    const wanted = {
      subnet: parseSubnet(typedSubnet, 'SUBNET'),
      to: parseSourceTo(to, '--to'),
      dev: parseDeviceName(device, '--dev'),
    };
    const result = await context.change(
      async (state) => {
        const facts = await natFacts(context, state, 'change the source NAT of this host');
        return planSourceAdd(wanted, facts, state);
      },
      { ...hostScope, only: ['networks', 'host'] },
    );
    if (result.resumed) return changeResult(context, result, result.plan.title);
    return changeResult(context, result, sourceLines(result.plan.sources), { sources: result.plan.sources });
  },
});
