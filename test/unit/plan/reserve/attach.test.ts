import { describe, expect, it } from '@jest/globals';
import type { NicSource } from '../../../../src/plan/nic/source.ts';
import { planAttachWithAddress, type AddressRequest } from '../../../../src/plan/reserve/attach.ts';
import type { NetworkState } from '../../../../src/state/state.ts';
import { parseIp } from '../../../../src/values/address.ts';
import { domainState, networkState, stateWith } from '../state.ts';
import { lease, mac, now, otherMac, xml } from './leases.ts';

const running = domainState(
  `<domain type='kvm'><name>VM1</name><devices><controller type='pci' index='0' model='pci-root'/></devices></domain>`,
  `<domain type='kvm'><name>VM1</name><devices><controller type='pci' index='0' model='pci-root'/></devices></domain>`,
);

const from = (network: NetworkState): NicSource => ({ type: 'network', name: network.name, network });

function plan(ip: AddressRequest['ip'], source: NicSource, given: Partial<AddressRequest> & { mac?: string } = {}) {
  const { mac: wanted, ...rest } = given;
  const request = { domain: running, source, options: wanted === undefined ? {} : { mac: wanted }, macs: [mac] };
  const networks = source.type === 'network' ? [source.network] : [];
  const state = stateWith({ networks, domains: [running], host: undefined });
  return planAttachWithAddress(request, { ip, host: undefined, inUse: [], now, ...rest }, state);
}

const ip = parseIp('192.168.132.77');

describe('the plan of vm attach --ip', () => {
  it('reserves the address for the new NIC before it attaches it, and each step has its undo', () => {
    const { steps, title, address, mac: chosen } = plan(ip, from(networkState(xml())), { host: 'web' });
    expect({ title, address, chosen }).toEqual({
      ...{ title: 'attach VM1 to keennet with 192.168.132.77', address: '192.168.132.77', chosen: mac },
    });
    expect(steps.map((step) => step.do)).toMatchObject([
      { call: 'networkUpdate', command: 3, xml: `<host mac="${mac}" name="web" ip="192.168.132.77"/>`, flags: 3 },
      { call: 'domainAttachDevice', live: true, config: true },
    ]);
    expect(steps.map((step) => step.undo)).toMatchObject([
      [{ call: 'networkUpdate', command: 2 }],
      [{ call: 'domainDetachDevice' }],
    ]);
  });

  it('reserves in the configuration of an inactive network before it starts', () => {
    const { steps, consent } = plan(ip, from(networkState(xml(), { active: false })));
    expect(steps.map((step) => step.do.call)).toEqual(['networkUpdate', 'networkStart', 'domainAttachDevice']);
    expect(consent).toEqual(['network keennet is not active, and has to be started']);
  });

  it('has no reservation to make where the MAC address has it', () => {
    const network = networkState(xml(`<host mac='${otherMac}' ip='192.168.132.77'/>`));
    expect(plan(ip, from(network), { mac: otherMac }).steps.map((step) => step.do.call)).toEqual([
      'domainAttachDevice',
    ]);
  });

  it('warns of a neighbor of the host that has the address', () => {
    const network = networkState(xml());
    const dev = network.network.bridge!.name!;
    const neighbor = { family: 'ipv4', address: '192.168.132.77', mac: otherMac, dev, seen: undefined } as const;
    const warnings = (...neighbors: NonNullable<AddressRequest['neighbors']>) =>
      plan(ip, from(network), { neighbors }).warnings;
    expect(warnings(neighbor)).toEqual([
      `192.168.132.77 is also the address of a neighbor of this host: ${otherMac} on ${dev}`,
    ]);
    const others = [
      { ...neighbor, mac },
      { ...neighbor, dev: 'eth0' },
      { ...neighbor, address: '192.168.132.7' },
    ];
    expect(warnings(...others)).toEqual([]);
  });

  it('chooses a free address for `next`, and none that the host knows to be in use', () => {
    const network = networkState(xml());
    const first = plan('next', from(network)).address;
    const second = plan('next', from(network), { inUse: [parseIp(first)] }).address;
    expect(parseIp(second).value).toBe(parseIp(first).value + 1n);
  });

  it('is refused for bridges and NICs of the host', () => {
    const named = (type: 'bridge' | 'direct') => () =>
      plan(ip, type === 'bridge' ? { type, name: 'br0', openVswitch: false } : { type, name: 'br0' });
    expect(named('bridge')).toThrow('--ip: br0 is a bridge of the host: libvirt serves no DHCP there');
    expect(named('direct')).toThrow('--ip: br0 is a NIC of the host: libvirt serves no DHCP there');
  });

  it('is refused without DHCP, outside the subnet, and for an address that another guest has', () => {
    const silent = networkState(`<network><name>quiet</name><ip address='192.168.132.1' prefix='24'/></network>`);
    expect(() => plan(ip, from(silent))).toThrow('network quiet serves no DHCP for IPv4');
    expect(() => plan(parseIp('10.0.0.7'), from(networkState(xml())))).toThrow('10.0.0.7 is outside network keennet');
    const busy = networkState(xml(), { leases: [lease('192.168.132.77', otherMac)] });
    expect(() => plan(ip, from(busy))).toThrow(`192.168.132.77 of network keennet is leased to ${otherMac}`);
  });

  it('is refused for IPv6, whose DHCP knows guests by a DUID', () => {
    expect(() => plan(parseIp('fd00::7'), from(networkState(xml())))).toThrow(
      '--ip fd00::7: DHCPv6 knows a guest by its DUID, which a new NIC does not have yet',
    );
  });

  it('is refused for a MAC address that has another reservation', () => {
    const network = networkState(xml(`<host mac='${otherMac}' ip='192.168.132.50'/>`));
    expect(() => plan(ip, from(network), { mac: otherMac })).toThrow(
      `${otherMac} has 192.168.132.50 of network keennet reserved already`,
    );
  });
});
