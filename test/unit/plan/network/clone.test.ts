import { describe, expect, it } from '@jest/globals';
import { checkNetwork } from '../../../../src/plan/network/check/network.ts';
import { cloneNetwork, type Clone } from '../../../../src/plan/network/clone.ts';
import type { State } from '../../../../src/state/state.ts';
import { buildNetwork } from '../../../../src/xml/build.ts';
import { networkValues } from '../typed-options.ts';
import { defaultNetwork, hostWith, ipv4, link, networkState, stateWith } from '../state.ts';

const random = { mac: '52:54:00:11:22:33', globalId: '0123456789' };

function clone(xml: string, options = {}, given: Partial<State> = {}): Clone {
  const existing = networkState(xml);
  const state = stateWith({ networks: [existing], ...given });
  return cloneNetwork({ existing, name: 'copy', options: networkValues(options), state, random });
}

const rich = `<network>
  <name>rich</name>
  <uuid>c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid>
  <metadata><own:note xmlns:own="http://example.org/own">kept</own:note></metadata>
  <forward mode="nat" dev="eth0"/>
  <bridge name="rich0" zone="libvirt" stp="off" delay="0"/>
  <mac address="52:54:00:0a:cd:21"/>
  <dns>
    <host ip="192.168.50.20"><hostname>web</hostname></host>
    <host ip="1.1.1.1"><hostname>far</hostname></host>
  </dns>
  <ip address="192.168.50.1" netmask="255.255.255.128">
    <tftp root="/srv/tftp"/>
    <dhcp>
      <range start="192.168.50.10" end="192.168.50.90"><lease expiry="2" unit="hours"/></range>
      <host mac="52:54:00:00:00:01" ip="192.168.50.20"/>
      <bootp file="boot" server="192.168.50.1"/>
    </dhcp>
  </ip>
  <ip family="ipv6" address="fd00:1::1" prefix="64"/>
  <route address="10.5.0.0" prefix="16" gateway="192.168.50.2"/>
  <portgroup name="web" default="yes"/>
  <future-element a="b"/>
</network>`;

describe('net clone', () => {
  it('keeps every place in the subnets, and all that kvmnet does not know', () => {
    const { network } = clone(rich);
    expect(buildNetwork(network)).toBe(
      rich
        .replace('<name>rich<', '<name>copy<')
        .replace(/\n *<uuid>.*<\/uuid>/, '')
        .replace('rich0', 'virbr0')
        .replace('52:54:00:0a:cd:21', random.mac)
        .replaceAll(/\n *<(host mac|route ).*\/>/g, '')
        .replaceAll('192.168.50.', '192.168.100.')
        .replace('fd00:1::1', 'fd01:2345:6789::1')
        .replaceAll(/(<host ip=.*>)(<hostname>.*<\/hostname>)(<\/host>)/g, '$1\n      $2\n    $3')
        .replace(/(<range [^/]*>)(<lease .*\/>)(<\/range>)/, '$1\n        $2\n      $3') + '\n',
    );
  });

  it('reports what it omits, and which addresses differ', () => {
    expect(clone(rich).remarks).toEqual([
      "network rich: its reservation is left out: it is a guest's",
      'network rich: its static route to 10.5.0.0/16 is left out: it cannot lead to two networks',
      'network rich: the DNS name web (192.168.50.20) is 192.168.100.20 in the copy',
    ]);
  });

  it('conflicts with nothing of the first network', () => {
    const existing = networkState(rich);
    const state = stateWith({
      networks: [existing],
      host: hostWith([link('eth0'), link('rich0', { kind: 'bridge' })]),
    });
    const { network } = cloneNetwork({ existing, name: 'copy', options: {}, state, random });
    expect(checkNetwork(network, state).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('uses the first free subnet of that size', () => {
    const small = defaultNetwork.replace('255.255.255.0', '255.255.255.240').replace('122.254', '122.14');
    const host = hostWith([link('eth0', { addresses: [ipv4('192.168.100.3', 28)] })]);
    expect(clone(small, {}, { host }).network.ips[0]).toMatchObject({
      address: '192.168.100.17',
      netmask: '255.255.255.240',
      dhcp: { ranges: [{ start: '192.168.100.18', end: '192.168.100.30' }] },
    });
    const large = defaultNetwork.replace('255.255.255.0', '255.255.0.0').replaceAll('192.168.122', '172.16.0');
    expect(clone(large).network.ips[0]).toMatchObject({ address: '10.0.0.1', netmask: '255.255.0.0' });
  });

  it('gives each of two subnets one of its own', () => {
    const two = defaultNetwork.replace('</network>', "<ip address='192.168.123.1' netmask='255.255.255.0'/></network>");
    expect(clone(two).network.ips.map(({ address }) => address)).toEqual(['192.168.100.1', '192.168.101.1']);
  });

  it('recalculates ranges if a smaller subnet cannot contain the old ones', () => {
    const { network } = clone(rich, { nat: '10.0.0.0/28' });
    expect(network.ips[0]).toMatchObject({
      address: '10.0.0.1',
      prefix: 28,
      dhcp: { ranges: [{ start: '10.0.0.2', end: '10.0.0.14', lease: { expiry: 2, unit: 'hours' } }], hosts: [] },
    });
    expect(network.ips[0]?.netmask).toBeUndefined();
  });

  it('leaves out a DNS name that has no place in a smaller subnet', () => {
    expect(clone(rich, { nat: '10.0.0.0/28' }).remarks).toContain(
      'network rich: the DNS name web (192.168.50.20) has no place in the new subnet, and is left out',
    );
  });

  it('becomes of another kind where that is asked', () => {
    expect(clone(defaultNetwork, { isolated: 'auto' }).network.forward).toBeUndefined();
    expect(clone(defaultNetwork, { route: '10.0.0.0/24' }).network).toMatchObject({
      forward: { mode: 'route' },
      ips: [{ address: '10.0.0.1' }],
    });
  });

  it('shares the bridge of the host, and warns of devices that one guest has alone', () => {
    const lan = clone("<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>");
    expect(lan).toMatchObject({ network: { name: 'copy', bridge: { name: 'br0' } }, remarks: [] });
    expect(lan.network.mac).toBeUndefined();
    const pool = "<network><name>vfs</name><forward mode='hostdev' managed='yes'><pf dev='eth9'/></forward></network>";
    expect(clone(pool).remarks).toEqual([expect.stringContaining('give out the same devices of eth9')]);
  });

  it.each<readonly [string, string, object, string]>([
    [
      'a subnet for a network that has none',
      "<network><name>x</name><bridge name='x0'/></network>",
      { nat: '10.0.0.0/24' },
      'has no subnet that 10.0.0.0/24 could replace',
    ],
    [
      'a KIND for a bridge network',
      "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>",
      { nat: '10.0.0.0/24' },
      '--nat cannot be used with a copy of lan',
    ],
    [
      'an address in the place of a subnet',
      defaultNetwork,
      { nat: '10.0.0.1/24' },
      'this is an address in 10.0.0.0/24',
    ],
    ['two KINDs', defaultNetwork, { nat: '10.0.0.0/24', route: '10.0.1.0/24' }, 'exclude each other'],
  ])('refuses %s', (_, xml, options, message) => {
    expect(() => clone(xml, options)).toThrow(message);
  });

  it('refuses a name that net create would refuse', () => {
    const existing = networkState(defaultNetwork);
    const request = { existing, name: '../x', options: {}, state: stateWith({ networks: [existing] }), random };
    expect(() => cloneNetwork(request)).toThrow('NEW ../x: a network name has only ASCII letters');
  });
});
