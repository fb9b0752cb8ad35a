import { randomUUID } from 'node:crypto';
import { findNetwork } from '../../../state/find-network.ts';
import { cloneNetwork } from '../../../plan/network/clone.ts';
import { networkLife } from '../../../plan/network/options.ts';
import { planNetworkCreate } from '../../../plan/network/create.ts';
import type { CommandDefinition } from '../../command.ts';
import { randomGlobalId, randomMac } from '../../random.ts';
import { createdText } from '../../views/created.ts';
import { chosenFacts } from '../../views/network.ts';
import { changeResult } from '../../views/plan.ts';
import { networkOptions } from './create.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '<NAME>', description: 'the network to copy, by name or UUID', completes: 'network' },
    { name: '<NEW>', description: 'the name of the copy' },
  ],
  options: [
    { flags: '--nat <CIDR|auto>', description: 'the copy is NAT, with this subnet' },
    { flags: '--route <CIDR|auto>', description: 'the copy is routed, with this subnet' },
    { flags: '--open <CIDR|auto>', description: "the copy is routed without any rules of libvirt's, with this subnet" },
    { flags: '--isolated <CIDR|auto>', description: 'the copy is isolated, with this subnet' },
    { flags: '--no-start', description: 'define it only' },
    { flags: '--no-autostart', description: 'do not start it at boot' },
  ],
  description:
    'UUID, MAC address and bridge are new, and so is each subnet: a free one of the same size; the first may be named. Gateway, DHCP ranges and ' +
    'DNS names keep their places in it. Reservations and static routes are left out, and named. All else is copied: DNS, domain, portgroups, MTU, ' +
    'metadata, and what kvmnet does not know. A network on a bridge or NIC of the host gets a copy on the same one.',
  examples: [
    ['net clone keennet keennet2', 'with a free subnet'],
    ['net clone keennet lab --nat 10.20.30.0/24', 'with this subnet'],
    ['net clone keennet lab --isolated auto --no-start', 'the same without a way out, not started'],
    ['net clone keennet lab --dry-run', 'the XML that it would have'],
  ],
  async run(context, [from = '', name = ''], options) {
    const asked = networkOptions(options);
    const life = networkLife(asked);
    const random = { mac: randomMac(), globalId: randomGlobalId() };
    const uuid = randomUUID();
    const result = await context.change(
      (state) => {
        const existing = findNetwork(state, from);
        const clone = cloneNetwork({ existing, name, options: asked, state, random });
        const { network } = clone;
        const plan = planNetworkCreate(network, state, { ...life, uuid });
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
    const done = made === undefined ? result.plan.title : createdText(made, life);
    return changeResult(context, result, done, {
      network: name,
      uuid: made && uuid,
      cloned: from,
      ...(made && chosenFacts(made)),
    });
  },
};
