/** An address that the host is to have on one of its links. */
import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Address } from '../../records/link.ts';
import { holders } from '../../state/subnet-holder.ts';
import { formatIp, parseIp } from '../../values/address.ts';
import { formatSubnet, overlap, subnetOf, type Cidr } from '../../values/subnet.ts';
import { hostOf } from './find-link.ts';
import { cidr } from './wanted.ts';

/**
 * Refuses an address that is in use, or whose subnet belongs to another link or network.
 * @param dev the link that is to have it
 * @returns warnings: routes that the address overrides in part
 */
export function requireFreeAddress(address: Address, dev: string, state: State): readonly string[] {
  const host = hostOf(state);
  const { ip, subnet } = cidrOf(address);
  const taken = host.links.find(
    ({ name, addresses }) => name !== dev && addresses.some((other) => other.address === address.address),
  );
  if (taken)
    throw new KvmnetError('CONFLICT', `--address ${cidr(address)}: ${taken.name} has this address`, {
      hint: 'name another one',
    });
  const found = holders({ networks: state.networks, host, ownBridge: dev }).filter((holder) =>
    overlap(holder.subnet, subnet),
  );
  // A route to a larger subnet, such as a VPN's, keeps the rest.
  const isWider = ({ name, subnet: other }: (typeof found)[number]): boolean =>
    name.startsWith('the route ') && other.prefix < subnet.prefix;
  const holder = found.find((each) => !isWider(each));
  if (holder) {
    throw new KvmnetError('CONFLICT', `--address ${cidr(address)}: ${formatSubnet(subnet)} overlaps ${holder.name}`, {
      hint: `${formatIp(ip)} would be reached by one of the two only: name an address of another subnet`,
    });
  }
  return found.map(({ name }) => `${formatSubnet(subnet)} overrides part of ${name}`);
}

/** Returns an address of a link with its subnet. */
export function cidrOf({ address, prefix }: Address): Cidr {
  const ip = parseIp(address, '--address');
  return { ip, subnet: subnetOf(ip, prefix) };
}
