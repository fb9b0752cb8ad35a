import { checkNetwork } from '../../../src/plan/network/check/network.ts';
import type { Finding } from '../../../src/plan/finding.ts';
import type { State } from '../../../src/state/state.ts';
import { parseNetwork } from '../../../src/xml/network.ts';
import { defaultNetwork, hostWith, ipv4, link, networkState, route, stateWith } from './state.ts';

export const uuid = 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e';

export const state = stateWith({
  networks: [networkState(defaultNetwork)],
  host: hostWith(
    [
      link('virbr0', { kind: 'bridge', addresses: [ipv4('192.168.122.1', 24)] }),
      link('br0', { kind: 'bridge' }),
      link('eth0', { addresses: [ipv4('192.168.2.132', 24)] }),
    ],
    [
      route('0.0.0.0/0', 'eth0', { gateway: '192.168.2.2' }),
      route('172.30.0.0/16', 'eth0', { gateway: '192.168.2.9' }),
    ],
  ),
});

/** Findings for a network of these elements. */
export function findings(inside: string, name = 'mynet', within: State = state): readonly Finding[] {
  return checkNetwork(parseNetwork(`<network><name>${name}</name>${inside}</network>`), within);
}

export const ip = (inside: string): string => `<ip address='10.7.0.1' netmask='255.255.255.0'>${inside}</ip>`;
export const dhcp = (inside: string): string => ip(`<dhcp>${inside}</dhcp>`);
export const dns = (inside: string): string => `${ip('')}<dns>${inside}</dns>`;
export const bridged = "<forward mode='bridge'/><bridge name='br0'/>";
export const option = (value: string): string =>
  `<dnsmasq:options xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><dnsmasq:option value='${value}'/></dnsmasq:options>`;
