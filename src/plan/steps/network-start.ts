/** Effects of starting a network, for every command that starts one. */
import { KvmnetError } from '../../errors.ts';
import { networkProblems } from '../../state/health.ts';
import { bridgeMadeFor, nicText, strandedNics } from '../../state/membership.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { addressesOf } from '../../state/network-address.ts';
import { kindOf } from '../../state/network-kind.ts';
import { formatSubnet } from '../../values/subnet.ts';
import { quoted } from '../../values/quoted.ts';

/** Returns the problems of an active network, one sentence each, with the command that repairs it. */
export function brokenRemarks(network: NetworkState, state: State): readonly string[] {
  return networkProblems(network, state, {}).map(
    ({ says }) =>
      `network ${network.name} is active, but broken: ${says}; kvmnet net heal ${quoted(network.name)} repairs it`,
  );
}

/** The bridge that libvirt made for a network that is active in the state, where it is gone. */
export function lostBridge(
  { uuid }: NetworkState,
  { host, networks }: Pick<State, 'host' | 'networks'>,
): string | undefined {
  const network = networks.find((each) => each.uuid === uuid);
  const bridge = network?.active === true ? bridgeMadeFor(network) : undefined;
  const isGone = host !== undefined && !host.links.some(({ name }) => name === bridge);
  return isGone ? bridge : undefined;
}

/** Running guests stay cut off when their network starts again: libvirt makes their NICs no ports of the new bridge. */
export function startWarnings(starting: readonly NetworkState[], state: State): readonly string[] {
  const stranded = strandedNics(state);
  return starting.flatMap(({ name }) => {
    const nics = stranded.filter(({ network }) => network === name).map(({ domain, nic }) => nicText(domain, nic));
    const [stay, them] = nics.length === 1 ? ['stays', 'it'] : ['stay', 'them'];
    return nics.length === 0
      ? []
      : [`${nics.join(', ')} ${stay} cut off from network ${name}: kvmnet net heal ${quoted(name)} reconnects ${them}`];
  });
}

/**
 * libvirt starts no network with an IPv4 subnet that is on another bridge; the error that it gives names a port or an interface.
 * @throws CONFLICT naming the active network that has the subnet
 */
export function requireFreeSubnets(network: NetworkState, state: State): void {
  const active = state.networks.filter(
    (other) => other.active && other !== network && bridgeMadeFor(other) !== undefined && !lostBridge(other, state),
  );
  for (const subnet of ipv4Subnets(network.inactive ?? network.network)) {
    const holder = active.find((other) => ipv4Subnets(other.network).includes(subnet));
    if (holder === undefined) continue;
    throw new KvmnetError(
      'CONFLICT',
      `network ${network.name} cannot start: ${subnet} overlaps network ${holder.name} (${subnet}), which is active`,
      {
        hint: `choose another subnet: kvmnet net set ${quoted(network.name)} --${kindOf(network.network) ?? 'nat'} CIDR; or stop the other network: kvmnet net stop ${quoted(holder.name)}`,
      },
    );
  }
}

function ipv4Subnets(network: NetworkState['network']): readonly string[] {
  return addressesOf(network)
    .filter(({ ip }) => ip.family === 'ipv4')
    .map(({ subnet }) => formatSubnet(subnet));
}
