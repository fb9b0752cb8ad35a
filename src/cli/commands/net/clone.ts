import { findNetwork } from '../../../state/find-network.ts';
import { cloneNetwork } from '../../../plan/network/clone.ts';
import { networkLifecycle } from '../../../plan/network/options.ts';
import { planNetworkCreate } from '../../../plan/network/create.ts';
import { typed } from '../../options.ts';
import { randomGlobalId, randomMac } from '../../random.ts';
import { createdText } from '../../views/created.ts';
import { chosenFacts } from '../../views/network.ts';
import { changeResult } from '../../views/plan.ts';
import { lifeOptions, subnetOption } from './options.ts';

export const command = typed({
  arguments: [
    { name: '<NAME>', description: 'Network to copy, by name or UUID', completes: 'network' },
    { name: '<NEW>', description: 'Name of the copy' },
  ],
  options: {
    nat: subnetOption('--nat <CIDR|auto>', 'Make the copy a NAT network with this subnet'),
    route: subnetOption('--route <CIDR|auto>', 'Make the copy a routed network with this subnet'),
    open: subnetOption(
      '--open <CIDR|auto>',
      "Make the copy a routed network without libvirt's firewall rules, with this subnet",
    ),
    isolated: subnetOption('--isolated <CIDR|auto>', 'Make the copy an isolated network with this subnet'),
    ...lifeOptions,
  },
  description:
    'The copy gets a new UUID, MAC address and bridge, and a free subnet of the same size for each subnet; you can specify the first. ' +
    'Gateway, DHCP ranges and DNS names keep their positions in the subnet. Reservations and static routes are not copied, but listed. ' +
    'Everything else is copied: DNS, domain, portgroups, MTU, metadata and unknown elements. The copy of a network on a bridge or NIC ' +
    'of the host uses the same bridge or NIC.',
  examples: [
    ['net clone keennet keennet2', 'Use a free subnet'],
    ['net clone keennet lab --nat 10.20.30.0/24', 'Use this subnet'],
    ['net clone keennet lab --isolated auto --no-start', 'Isolate the copy, and do not start it'],
    ['net clone keennet lab --dry-run', 'Print its XML'],
  ],
  async run(context, [from = '', name = ''], options) {
    const lifecycle = networkLifecycle(options);
    const random = { mac: randomMac(), globalId: randomGlobalId() };
    const uuid = crypto.randomUUID();
    const result = await context.change(
      (state) => {
        const existing = findNetwork(state, from);
        const clone = cloneNetwork({ existing, name, options, state, random });
        const { network } = clone;
        const plan = planNetworkCreate(network, state, { ...lifecycle, uuid });
        return {
          ...plan,
          network,
          title: `copy network ${existing.name} to ${network.name}`,
          warnings: [...clone.remarks, ...plan.warnings],
        };
      },
      { leases: false },
    );
    const made = result.resumed ? undefined : result.plan.network;
    const done = made === undefined ? result.plan.title : createdText(made, lifecycle);
    return changeResult(context, result, done, {
      network: name,
      uuid: made && uuid,
      cloned: from,
      ...(made && chosenFacts(made)),
    });
  },
});
