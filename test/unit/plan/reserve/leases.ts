import { planReserve } from '../../../../src/plan/reserve/reserve.ts';
import { parseIp } from '../../../../src/values/address.ts';
import type { Lease } from '../../../../src/records/lease.ts';
import type { NetworkState, State } from '../../../../src/state/state.ts';
import { domainState, networkState, stateWith } from '../state.ts';

export const now = 1_700_000_000;
export const mac = '52:54:00:00:00:01';
export const otherMac = '52:54:00:00:00:02';
export const duid = '00:03:00:01:52:54:00:00:00:01';

export const xml = (hosts = '', hosts6 = ''): string => `<network>
  <name>keennet</name><uuid>c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid>
  <forward mode='nat'/><bridge name='keenbr0'/>
  <ip family='ipv6' address='fd00:1:2:3::1' prefix='64'>
    <dhcp><range start='fd00:1:2:3::100' end='fd00:1:2:3::1ff'/>${hosts6}</dhcp>
  </ip>
  <ip address='192.168.132.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.132.2' end='192.168.132.254'/>${hosts}</dhcp>
  </ip>
  <ip address='192.168.140.1' netmask='255.255.255.0'/>
</network>`;

const nic = (address: string): string =>
  `<interface type='network'><mac address='${address}'/><source network='keennet'/></interface>`;

export const domain = (name: string, ...nics: readonly string[]): string =>
  `<domain type='kvm'><name>${name}</name><uuid>11111111-1111-4111-8111-00000000000${name.length}</uuid><devices>${nics.map(nic).join('')}</devices></domain>`;

export const vm1 = domainState(domain('VM1', mac), domain('VM1', mac));

export const lease = (address: string, owner: string, given: Partial<Lease> = {}): Lease => ({
  interface: 'keenbr0',
  expires: now + 2580,
  family: address.includes(':') ? 'ipv6' : 'ipv4',
  mac: owner,
  address,
  prefix: 24,
  hostname: undefined,
  clientId: undefined,
  ...given,
});

export function plan(
  given: { readonly ip: string; readonly who?: string; readonly host?: string; readonly replace?: boolean },
  network: NetworkState = networkState(xml()),
  domains: State['domains'] = [vm1],
) {
  return planReserve(
    { who: 'VM1', ...given, ip: parseIp(given.ip, 'IP'), network, now },
    stateWith({ networks: [network], domains }),
  );
}
