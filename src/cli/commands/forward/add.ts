import { planForwardAdd } from '../../../plan/nat/forward.ts';
import { KvmnetError } from '../../../errors.ts';
import { parseArrival, parseTarget } from '../../../values/forward.ts';
import { forwardFacts, hookWarnings, natScope } from '../../nat-change.ts';
import { flag, typed } from '../../options.ts';
import { forwardLines } from '../../views/forward.ts';
import { changeResult } from '../../views/plan.ts';
import { family, portSyntax, proto, wantedForward } from './arguments.ts';

export const command = typed({
  arguments: [
    {
      name: '<PORT>',
      description: `Port of the host, or a range: ${portSyntax}. LISTEN is a device (eth0), addresses of the host (192.0.2.1), or both (192.0.2.1%eth0)`,
    },
    { name: '<TARGET>', description: 'VM or address, with its port: VM1:80, 192.168.3.10:10080', completes: 'domain' },
  ],
  options: {
    proto,
    family,
    fix: flag('--fix', 'Add a rule to each chain of another program that would drop the connections'),
  },
  description:
    'Connections arrive from outside, from the host itself (also to 127.0.0.1) and from guests. A VM keeps its address by a DHCP reservation, ' +
    'which is made if it has none. The forward survives restarts of networks and of libvirt, reloads of the firewall, and reboots. ' +
    'Refuses a port that a process, another forward or another program already has.',
  examples: [
    ['forward add 8080 VM1:80', 'Port 8080 of every address of the host is port 80 of VM1'],
    ['forward add eth0:8000-8010 VM1', 'Only what arrives at eth0; the ports keep their numbers'],
    ['forward add 10.16.104.67%eth0:80 192.168.3.10:10080', 'One address of one device, to an address'],
    ['forward add 53 VM1 --proto both', 'TCP and UDP'],
    ['forward add [2001:db8::1]:443 VM1', 'IPv6'],
    ['forward add 8080 VM1:80 --fix', 'Get through the rules of docker or of another firewall'],
  ],
  async run(context, [port = '', to = ''], options) {
    const arrival = parseArrival(port);
    if (arrival.protocol !== undefined && options.proto !== undefined) {
      throw new KvmnetError('USAGE', `${port} names a protocol, and so does --proto`, {
        hint: 'leave one of them out',
      });
    }
    const wanted = wantedForward(arrival, parseTarget(to), options);
    const result = await context.change(async (state) => {
      const facts = await forwardFacts(context, state);
      const plan = planForwardAdd([wanted], facts, state, Date.now() / 1000, options.fix);
      return { ...plan, hook: hookWarnings(facts) };
    }, natScope);
    if (result.resumed) return changeResult(context, result, result.plan.title);
    const { forwards, hook } = result.plan;
    context.warn(hook);
    return changeResult(context, result, forwardLines(forwards), { forwards });
  },
});
