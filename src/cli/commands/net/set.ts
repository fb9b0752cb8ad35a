import { randomUUID } from 'node:crypto';
import { findNetwork } from '../../../state/find-network.ts';
import { planNetworkAutostart } from '../../../plan/network/lifecycle.ts';
import { planNetworkChange } from '../../../plan/network/change.ts';
import { wantedNetwork } from '../../../plan/network/desired.ts';
import type { CommandDefinition } from '../../command.ts';
import { watchGaps } from '../../../apply/gap.ts';
import { randomGlobalId } from '../../random.ts';
import { changedResult, sayChanges } from '../../views/change.ts';
import { command as create, networkOptions } from './create.ts';

/** What is about a network's life, and not about what it is. */
const notHere = ['--template', '--transient', '--no-start', '--no-autostart'];

export const command: CommandDefinition = {
  arguments: [{ name: '<NAME>', description: 'the network, by name or UUID', completes: 'network' }],
  options: [
    ...(create.options ?? []).filter(({ flags }) => !notHere.some((flag) => flags.split(' ')[0] === flag)),
    { flags: '--autostart', description: 'start it at boot' },
    { flags: '--no-autostart', description: 'do not start it at boot' },
    { flags: '--config', description: 'only its definition at the next start' },
  ],
  description:
    'The options are those of net create; what is not named stays as it is. --reserve, --dns, --forwarder and --portgroup add, ' +
    'or change the entry of the same guest, address or name; --dhcp replaces all ranges of its family. ' +
    'What libvirt can change live is changed live: reservations, DHCP ranges, DNS entries, portgroups and --dev of NAT and routed networks. ' +
    'All else needs a restart of the network, after which every guest is plugged back; it is asked about first. ' +
    'Guests keep the MTU that they started with until their next boot.',
  examples: [
    ['net set keennet --reserve 52:54:00:12:34:56=192.168.132.10', 'live: nobody is cut off'],
    ['net set keennet --mtu 1400 --dry-run', 'says that it takes a restart, and whom it cuts off for how long'],
    ['net set keennet --domain lab.example --config', 'at its next start'],
  ],
  async run(context, [name = ''], { config, autostart, ...rest }) {
    const options = networkOptions(rest);
    const random = { uuid: randomUUID(), globalId: randomGlobalId() };
    const watch = watchGaps();
    const result = await context.change(
      (state) => {
        const network = findNetwork(state, name);
        const wanted = wantedNetwork(network, options, state, random.globalId);
        const change = planNetworkChange({ network, wanted, configOnly: config === true, uuid: random.uuid }, state);
        const life = typeof autostart === 'boolean' ? planNetworkAutostart([name], autostart, state) : undefined;
        const plan = {
          ...change,
          steps: [...(life?.steps ?? []), ...change.steps],
          warnings: [...change.warnings, ...(life?.warnings ?? [])],
        };
        sayChanges(context, plan);
        return plan;
      },
      { leases: false },
      watch.watch,
    );
    return changedResult(context, result, await watch.gaps(result, context.options.uri), name);
  },
};
