import { describe, expect, it } from '@jest/globals';
import { checkNetwork } from '../../../src/plan/network/check/network.ts';
import { parseNetwork } from '../../../src/xml/network.ts';
import { defaultNetwork, hostWith, ipv4, link, networkState, route } from './state.ts';
import { state, findings, ip, dhcp, dns, bridged, option } from './definitions.ts';

describe('a definition passes', () => {
  it.each<[string, string]>([
    [
      'libvirt’s own kind of NAT',
      "<forward mode='nat'/><bridge name='br7' stp='on' delay='0'/>" +
        dhcp("<range start='10.7.0.2' end='10.7.0.254'/>"),
    ],
    [
      'services with underscores',
      dns(
        "<txt name='_dmarc.keen.example' value='v=DMARC1; p=none'/><srv service='_ldap' protocol='tcp' domain='keen.example' target='.'/>",
      ),
    ],
    ['a host name with an underscore', dhcp("<host mac='52:54:00:00:00:01' name='vm_1' ip='10.7.0.5'/>")],
    ['a lease without end', dhcp("<range start='10.7.0.2' end='10.7.0.9'><lease expiry='0'/></range>")],
    ['a bridge with DNS off', `${bridged}<dns enable='no'/>`],
    ['a macvtap pool', "<forward mode='bridge'><interface dev='eth0'/></forward>"],
    [
      'tags of an SR-IOV pool',
      "<forward mode='hostdev' managed='yes'><pf dev='eth0'/></forward><vlan><tag id='5'/></vlan>",
    ],
    [
      'tags of Open vSwitch portgroups',
      "<forward mode='bridge'/><bridge name='br0'/><virtualport type='openvswitch'/><portgroup name='a'><vlan trunk='yes'><tag id='5'/><tag id='6' nativeMode='untagged'/></vlan></portgroup>",
    ],
    ['a route behind a guest', `${ip('')}<route address='10.8.0.0' prefix='16' gateway='10.7.0.9'/>`],
    [
      'the reservation of a DUID',
      "<ip family='ipv6' address='fd00::1' prefix='64'><dhcp><host id='00:04:58:fd:e4:15:1b:49:4c:0e' ip='fd00::5'/></dhcp></ip>",
    ],
  ])('with %s', (_what, inside) => {
    expect(findings(inside)).toEqual([]);
  });

  it('with VLAN tags on a Linux bridge from libvirt 11.0 on', () => {
    const newer = { ...state, connection: { ...state.connection, libvirtVersion: 11_000_000 } };
    expect(findings(`${bridged}<vlan><tag id='5'/></vlan>`, 'mynet', newer)).toEqual([]);
  });

  it('with a question about raw dnsmasq options, which run as root', () => {
    expect(findings(ip('') + option('log-queries'))).toMatchObject([
      { severity: 'consent', message: expect.stringContaining('log-queries') },
    ]);
  });

  it('with a warning about titles that this libvirt drops, and IPv6 subnets in which guests find no address', () => {
    expect(findings('<title>Test</title>')).toMatchObject([{ severity: 'warning', code: 'DEPENDENCY' }]);
    expect(findings("<ip family='ipv6' address='fd00::1' prefix='80'/>")).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('in a /64 only') },
    ]);
  });

  it('with a warning about a DHCP range that holds the gateway, which dnsmasq leaves out', () => {
    for (const range of ["start='10.7.0.1' end='10.7.0.254'", "start='10.7.0.1' end='10.7.0.1'"]) {
      expect(findings(dhcp(`<range ${range}/>`))).toMatchObject([
        {
          severity: 'warning',
          path: 'ip[0].dhcp.range[0]',
          message: expect.stringContaining('holds the gateway 10.7.0.1'),
        },
      ]);
    }
  });

  it('with a warning about an Open vSwitch bridge that the host does not have, and not about another kind of bridge', () => {
    const missing = "<forward mode='bridge'/><bridge name='ovs9'/>";
    expect(findings(`${missing}<virtualport type='openvswitch'/>`)).toMatchObject([
      { severity: 'warning', code: 'NOTFOUND', message: expect.stringContaining('no Open vSwitch bridge ovs9') },
    ]);
    expect(findings(missing)).toMatchObject([{ severity: 'error', code: 'NOTFOUND' }]);
  });

  it('with routes next to the default route, and the halves of it that a VPN sets', () => {
    const host = hostWith(
      [],
      [route('0.0.0.0/1', 'tun0'), route('128.0.0.0/1', 'tun0'), route('::/0', 'eth0'), route('2000::/3', 'tun0')],
    );
    expect(findings(ip('') + "<ip family='ipv6' address='fd00::1' prefix='64'/>", 'mynet', { ...state, host })).toEqual(
      [],
    );
  });

  it('as its own redefinition, its bridge, MAC, addresses and routes being its own', () => {
    const own = hostWith(
      [link('virbr0', { kind: 'bridge', addresses: [ipv4('192.168.122.1', 24)] })],
      [route('192.168.122.0/24', 'virbr0')],
    );
    expect(checkNetwork(parseNetwork(defaultNetwork), { ...state, host: own })).toEqual([]);
  });

  it('with a name that virsh gave it, as long as it keeps it', () => {
    const odd = defaultNetwork.replace('default', 'a b');
    const existing = { ...state, networks: [networkState(odd)] };
    expect(checkNetwork(parseNetwork(odd), existing)).toEqual([]);
  });
});
