import { observeAddressesInUse } from '../../../observe/addresses-in-use.ts';
import { findNetwork } from '../../../state/find-network.ts';
import { freeAddress } from '../../../state/free-address.ts';
import { addressesOf } from '../../../state/network-address.ts';
import { formatIp } from '../../../values/address.ts';
import { typed } from '../../options.ts';
import { family } from '../forward/arguments.ts';
import { networkName, warnOfUnseenNeighbors } from './arguments.ts';

export const command = typed({
  arguments: [networkName],
  options: { family: { ...family, description: 'ipv4 or ipv6 (default: ipv4, or what the network has)' } },
  description:
    'Prints the first address that the host, a reservation, a lease, a neighbor of the host, a definition of a NIC or a forward does not have: outside ' +
    'the DHCP ranges, or inside them if no other is free. It reserves nothing.',
  examples: [
    ['net next-ip keennet', 'Print the next free address'],
    ['net next-ip keennet --family ipv6', 'Print one of IPv6'],
  ],
  async run(context, [name = ''], options) {
    const state = await context.observe({ routes: false });
    warnOfUnseenNeighbors(context, state);
    const network = findNetwork(state, name);
    const families = addressesOf(network.network).map(({ ip }) => ip.family);
    const chosen = options.family ?? (families.includes('ipv4') ? 'ipv4' : (families[0] ?? 'ipv4'));
    const inUse = await observeAddressesInUse(context, state);
    const address = formatIp(freeAddress(network, chosen, Date.now() / 1000, inUse));
    return { value: { network: network.name, address }, text: address };
  },
});
