/** Ends the leases of deleted guests: existing guests release their own. */
import { foreignPorts } from '../../state/membership.ts';
import { nicsByMac } from '../../state/leases.ts';
import type { Lease } from '../../records/lease.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { addressesOf } from '../../state/network-address.ts';
import type { Plan, Step } from '../step.ts';
import { formatIp, parseIp } from '../../values/address.ts';
import { contains } from '../../values/subnet.ts';

/** Returns the steps that end the IPv4 leases among these whose MAC belongs to no domain; the others stay until they expire. */
export function endLeases(leases: readonly Lease[], network: NetworkState, state: State): Omit<Plan, 'title'> {
  const known = nicsByMac(state);
  const stale = leases.filter(
    ({ mac, family }) => family === 'ipv4' && mac !== undefined && !known.has(mac.toLowerCase()),
  );
  const steps = stale.flatMap((lease) => endStep(lease, network) ?? []);
  if (steps.length > 0 && state.host === undefined) {
    const addresses = stale.map(({ address }) => address).join(', ');
    const where = `run the same command on the host of ${state.connection.uri} to end it`;
    return { steps: [], warnings: [`${addresses} of network ${network.name} stays leased: ${where}`], consent: [] };
  }
  // Not only guests of libvirt take leases.
  const ports = foreignPorts(state, network).join(', ');
  const consent =
    ports === ''
      ? []
      : stale.map(
          ({ address, mac }) => `${String(mac)} may be behind ${ports}, and still use ${address}, whose lease ends`,
        );
  return { steps, warnings: [], consent };
}

function endStep({ address, mac = '' }: Lease, { name, uuid, active, network }: NetworkState): Step | undefined {
  const ip = parseIp(address, 'lease');
  const server = addressesOf(network).find(({ subnet }) => contains(subnet, ip))?.ip;
  if (!active || server === undefined) return undefined;
  return {
    title: `end the lease of ${address} of ${mac} in network ${name}`,
    do: { call: 'hostEndLease', network: uuid, mac, address, server: formatIp(server) },
    undo: [],
    verify: { expect: 'no lease', network: uuid, mac, address },
  };
}
