/** States for the tests of planning, made from the XML that libvirt would give. */
import type { DomainState, WholeHost, NetworkState, State } from '../../../src/state/state.ts';
import type { Link, Route } from '../../../src/records/link.ts';
import { parseDomain } from '../../../src/xml/domain.ts';
import { parseNetwork } from '../../../src/xml/network.ts';

/** A host with libvirt 9.0 and nothing on it but what is given. */
export function stateWith(given: Partial<State> & { readonly libvirtVersion?: number } = {}): State {
  const { libvirtVersion = 9_000_000, ...rest } = given;
  return {
    connection: { uri: 'qemu:///system', hypervisor: 'QEMU', libvirtVersion },
    networks: [],
    domains: [],
    host: { links: [link('lo', { type: 'loopback', addresses: [ipv4('127.0.0.1', 8)] })], routes: [] },
    ...rest,
  };
}

/** A persistent network, active by default. */
export function networkState(xml: string, given: Partial<NetworkState> = {}): NetworkState {
  const network = parseNetwork(xml);
  const active = given.active ?? true;
  return {
    name: network.name,
    uuid: network.uuid ?? '00000000-0000-4000-8000-000000000001',
    active,
    persistent: true,
    autostart: true,
    bridge: network.bridge?.name,
    xml,
    network,
    inactiveXml: xml,
    inactive: network,
    leases: [],
    ...given,
  };
}

/** A domain; it is running if it has a live definition in addition to the configuration. */
export function domainState(config: string, live?: string): DomainState {
  const inactive = parseDomain(config);
  const domain = live === undefined ? inactive : parseDomain(live);
  return {
    name: inactive.name,
    uuid: inactive.uuid ?? '11111111-1111-4111-8111-111111111111',
    id: live === undefined ? undefined : 1,
    active: live !== undefined,
    persistent: true,
    autostart: false,
    state: live === undefined ? 'shut off' : 'running',
    xml: live ?? config,
    domain,
    inactiveXml: config,
    inactive,
  };
}

export function hostWith(links: readonly Link[], routes: readonly Route[] = []): WholeHost {
  return { links: [...(stateWith().host?.links ?? []), ...links], routes };
}

/** An Ethernet device that is up. */
export function link(name: string, given: Partial<Link> = {}): Link {
  const plain = { kind: undefined, mac: undefined, mtu: 1500, up: true, master: undefined, wireless: false };
  const detail = { operstate: 'UP', parent: undefined, permanentMac: undefined };
  return { name, index: 2, type: 'ether', ...plain, ...detail, addresses: [], ...given };
}

export function ipv4(address: string, prefix: number): Link['addresses'][number] {
  return { family: 'ipv4', address, prefix };
}

export function route(destination: string, dev: string | undefined, given: Partial<Route> = {}): Route {
  return { destination, dev, gateway: undefined, table: 'main', ...given };
}

/** libvirt's own default network. */
export const defaultNetwork = `<network>
  <name>default</name>
  <uuid>c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='on' delay='0'/>
  <mac address='52:54:00:0a:cd:21'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp>
  </ip>
</network>`;
