import { KvmnetError } from '../../../src/errors.ts';
import { networkFromOptions } from '../../../src/plan/network/from-options.ts';
import { networkLifecycle } from '../../../src/plan/network/options.ts';
import { planNetworkCreate } from '../../../src/plan/network/create.ts';
import type { State } from '../../../src/state/state.ts';
import { networkValues, type TypedNetwork } from './typed-options.ts';
import { defaultNetwork, domainState, hostWith, ipv4, link, networkState, route, stateWith } from './state.ts';

/** A host with libvirt's default network, another one that is stopped, and the usual kinds of links. */
export const host: State = stateWith({
  networks: [
    networkState(defaultNetwork),
    networkState(
      `<network><name>other</name><uuid>6a1c8f10-5a50-4d4d-9c0a-2a64cbb1d1aa</uuid><forward/><bridge name='otherbr0'/>
       <ip address='192.168.44.1' netmask='255.255.252.0'/><ip family='ipv6' address='fd44::1' prefix='64'/></network>`,
      { active: false },
    ),
  ],
  domains: [
    domainState(
      "<domain type='kvm'><name>VM1</name><devices><interface type='user'><mac address='52:54:00:99:99:99'/></interface></devices></domain>",
    ),
  ],
  host: hostWith(
    [
      link('virbr0', { kind: 'bridge', addresses: [ipv4('192.168.122.1', 24)] }),
      link('br0', { kind: 'bridge' }),
      link('brvlan-10', { kind: 'bridge' }),
      link('ovsbr0', { kind: 'openvswitch' }),
      link('eth0', { addresses: [ipv4('192.168.2.132', 24)] }),
      link('eth1', { up: false, addresses: [ipv4('192.168.9.1', 24)] }),
      link('eth2', { master: 'br0' }),
      link('wlan0', { wireless: true }),
      link('ib0', { type: 'infiniband' }),
    ],
    [
      route('0.0.0.0/0', 'eth0', { gateway: '192.168.2.2' }),
      route('192.168.122.0/24', 'virbr0'),
      route('172.30.0.0/16', 'tun0'),
      route('10.200.0.0/16', 'eth0', { table: '100', gateway: '192.168.2.9' }),
    ],
  ),
});

export function create(name: string | undefined, typed: TypedNetwork, state = host): unknown {
  const options = networkValues(typed);
  const random = { mac: '52:54:00:aa:bb:cc', globalId: '0123456789' };
  const network = networkFromOptions({ name, options, base: undefined, state, random });
  return planNetworkCreate(network, state, {
    ...networkLifecycle(options),
    uuid: 'a0f7a1a2-0000-4000-8000-00000000000a',
  });
}

export function refusal(act: () => unknown): KvmnetError {
  try {
    act();
  } catch (error) {
    if (error instanceof KvmnetError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

export const nat = '192.168.132.0/24';
