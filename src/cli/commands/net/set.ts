import { findNetwork } from '../../../state/find-network.ts';
import { planNetworkAutostart } from '../../../plan/network/lifecycle.ts';
import { planNetworkChange } from '../../../plan/network/change.ts';
import { wantedNetwork } from '../../../plan/network/desired.ts';
import { flag, typed, without } from '../../options.ts';
import { watchGaps } from '../../../apply/gap.ts';
import { randomGlobalId } from '../../random.ts';
import { changedResult, sayChanges } from '../../views/change.ts';
import { kindOptions, networkOptions, partOptions } from './options.ts';

export const command = typed({
  arguments: [{ name: '<NAME>', description: 'Network, by name or UUID', completes: 'network' }],
  options: {
    ...kindOptions,
    ...partOptions,
    autostart: flag('--autostart', 'Enable autostart'),
    noAutostart: without('--no-autostart', 'Disable autostart'),
    config: flag('--config', 'Change only the definition for the next start'),
  },
  description:
    'Takes the options of net create; everything else stays unchanged. --reserve, --dns, --forwarder and --portgroup add an entry, or ' +
    'change the entry of the same guest, address or name; --dhcp replaces all ranges of its family. libvirt can change these live: ' +
    'reservations, DHCP ranges, DNS entries, portgroups and --dev of NAT and routed networks. Everything else needs a restart of the ' +
    'network that reattaches every guest; kvmnet asks first. Guests keep their MTU until their next boot.',
  examples: [
    ['net set keennet --reserve 52:54:00:12:34:56=192.168.132.10', 'Change it live, without cutting off guests'],
    ['net set keennet --mtu 1400 --dry-run', 'Print that it needs a restart, and how long guests are cut off'],
    ['net set keennet --domain lab.example --config', 'Change it for the next start'],
  ],
  async run(context, [name = ''], { config, autostart, noAutostart, ...given }) {
    const options = networkOptions(given);
    const random = { uuid: crypto.randomUUID(), globalId: randomGlobalId() };
    const watch = watchGaps();
    const result = await context.change(
      (state) => {
        const network = findNetwork(state, name);
        const wanted = wantedNetwork(network, options, state, random.globalId);
        const change = planNetworkChange({ network, wanted, configOnly: config, uuid: random.uuid }, state);
        const lifecycle = autostart || noAutostart ? planNetworkAutostart([name], autostart, state) : undefined;
        const plan = {
          ...change,
          steps: [...(lifecycle?.steps ?? []), ...change.steps],
          warnings: [...change.warnings, ...(lifecycle?.warnings ?? [])],
        };
        sayChanges(context, plan);
        return plan;
      },
      { leases: false },
      watch.watch,
    );
    return changedResult(context, result, await watch.gaps(result, context.options.uri), name);
  },
});
