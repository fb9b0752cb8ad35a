import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lint } from '../../../src/doctor/lint/lint.ts';
import { configFormats, readConfig } from '../../../src/config/config.ts';
import { config, absent, enabled, S, I, N, K, P, found, ethernet, network } from './lint-files.ts';

describe('the linter', () => {
  const fine: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [
      'keys that kvmnet does not know',
      { [`${S}a`]: 'DEVICE=a\nMYCOMPANY_RACK=7\n', [I]: 'iface a inet manual\n my-hook on\n' },
    ],
    [
      'typographic quotes in a comment and a title',
      { [`${K}a.nmconnection`]: '# the “new” one\n[connection]\nid=“a”\ntype=ethernet\n' },
    ],
    [
      'an address with a single-address gateway',
      { [I]: 'iface a inet static\n address 203.0.113.7/32\n gateway 203.0.113.1\n' },
    ],
    [
      'a link-local gateway',
      { [`${N}a.network`]: '[Match]\nName=a\n[Network]\nAddress=2001:db8::2/64\nGateway=fe80::1\n' },
    ],
    [
      'two default gateways of two families',
      {
        [I]: 'iface a inet static\n address 10.0.0.2/8\n gateway 10.0.0.1\niface a inet6 static\n address fd00::2/64\n gateway fd00::1\n',
      },
    ],
    [
      'two default gateways with metrics',
      {
        [P]: 'network:\n  ethernets:\n    a: {routes: [{to: default, via: 10.0.0.1, metric: 1}]}\n    b: {routes: [{to: default, via: 10.0.0.2, metric: 2}]}\n',
      },
    ],
    [
      'one VLAN ID on two NICs',
      { [`${S}a.7`]: 'DEVICE=a.7\nVLAN=yes\nPHYSDEV=eth0\n', [`${S}b.7`]: 'DEVICE=b.7\nVLAN=yes\nPHYSDEV=eth1\n' },
    ],
    [
      'a port that asks for nothing',
      { [`${S}a`]: 'DEVICE=a\nBOOTPROTO=static\nBRIDGE=br0\n', [`${S}br0`]: 'DEVICE=br0\nTYPE=Bridge\n' },
    ],
    ['an alias of a device', { [`${S}eth0:1`]: 'DEVICE=eth0:1\nIPADDR=10.0.0.2\nPREFIX=8\n' }],
    ['a bridge that a hook makes', { [I]: 'iface br0 inet manual\n pre-up brctl addbr br0\n' }],
    ['a bridge that takes ports by pattern', { [I]: 'auto br0\niface br0 inet manual\n bridge_ports regex eth.*\n' }],
    ['auto by pattern, and a stanza for several', { [I]: 'auto /eth*\nallow-hotplug wlan0\niface wlan* inet dhcp\n' }],
    ['a name that a mapping gives', { [I]: 'auto eth0\nmapping eth*\n script /bin/true\niface home inet dhcp\n' }],
    [
      'patch ports of Open vSwitch',
      {
        [P]: 'network:\n  openvswitch:\n    ports: [[p0, p1]]\n  bridges:\n    b: {interfaces: [p0], openvswitch: {}}\n    c: {interfaces: [p1], openvswitch: {}}\n',
      },
    ],
    ['a file for every device but some', { [`${N}a.network`]: '[Match]\nName=!veth* *\n[Network]\nDHCP=yes\n' }],
    ['a MAC address by word', { [P]: 'network:\n  ethernets:\n    a: {macaddress: random}\n' }],
    [
      'a bond whose options are elsewhere',
      { [`${S}a`]: 'DEVICE=a\nMASTER=bond0\nSLAVE=yes\n', [`${S}bond0`]: 'DEVICE=bond0\n' },
    ],
    [
      'a profile for any NIC',
      { [`${K}a.nmconnection`]: '[connection]\nid=a profile with a long title\ntype=ethernet\n' },
    ],
    [
      'VLANs on a NIC that is matched in another way than by its name',
      Object.fromEntries(
        ['PermanentMACAddress=02:00:00:aa:bb:01', 'Type=ether', 'Driver=e1000', 'Path=pci-*', 'Property=ID=1'].flatMap(
          (match, index) => [
            [`${N}1${index}.network`, `[Match]\n${match}\n[Network]\nVLAN=v${index}\n`],
            [`${N}2${index}.netdev`, `[NetDev]\nName=v${index}\nKind=vlan\n[VLAN]\nId=${index + 1}\n`],
            [`${N}2${index}.network`, `[Match]\nName=v${index}\n[Network]\nDHCP=yes\n`],
          ],
        ),
      ),
    ],
    ['a long name that a .network file matches', { [`${N}a.network`]: '[Match]\nName=enp129s0f1np1-of-the-uplink\n' }],
    ['sections and keys for other programs', { [`${N}a.network`]: '[Match]\nName=a\n[X-Foo]\na=b\n[Link]\nX-Bar=b\n' }],
    [
      'a port that is known by its section',
      { [`${K}a`]: `${ethernet}master=7d0e9f3c-2b1a-4c55-9e0c-0a7d2f1c9b11\n[bridge-port]\n` },
    ],
    [
      'a table of routes that networkd.conf names',
      { [`${N}a.network`]: '[Match]\nName=a\n[Route]\nGateway=10.0.0.1\nTable=lab\n' },
    ],
    [
      'a name server that is asked over TLS',
      { [`${K}a`]: `${ethernet}[ipv4]\nmethod=auto\ndns=dns+tls://192.168.1.1#ns\n` },
    ],
    [
      'two devices whose addresses systemd-networkd chooses, and a DHCP server with an address of its own',
      {
        [`${N}a.network`]: network('Address=0.0.0.0/28'),
        [`${N}b.network`]: '[Match]\nName=b\n[Network]\nAddress=0.0.0.0/28\n',
        [`${N}c.network`]: '[Match]\nName=c\n[Network]\nDHCPServer=yes\n[DHCPServer]\nServerAddress=10.0.0.1/24\n',
      },
    ],
    [
      'a MAC address and a metric as old versions of NetworkManager wrote them',
      {
        [`${K}a`]: `${ethernet}[ethernet]\nmac-address=82;84;0;125;190;112;\n[ipv6]\nmethod=auto\nroute1=fd01::/64,5\n`,
      },
    ],
    ['the table of a route from DHCP', { [`${N}a.network`]: '[Match]\nName=a\n[DHCPv4]\nRouteTable=100\n' }],
    ['a file that masks another', { [`${N}a.network`]: '' }],
    [
      'an option that a command reads',
      { [I]: 'iface a inet manual\n address 10.0.0.1/8\n up ip addr add $IF_ADDRESS dev $IFACE\n' },
    ],
    ['lo without a stanza, which ifupdown has of its own', { [I]: 'auto lo\n' }],
    ['a comment behind a command', { [I]: 'iface a inet manual\n up true # nothing to do\n' }],
    ['auto within a stanza', { [I]: 'iface a inet manual\n auto\n mtu 1400\n' }],
    ['a stanza that inherits its method', { [I]: 'iface a inet dhcp\niface b inet inherits a\niface c inherits a\n' }],
    ['lines of ifupdown as Windows ends them', { [I]: 'auto a\r\niface a inet dhcp\r\n' }],
    ['a port of the bridge of Docker', { [`${N}a.network`]: '[Match]\nName=br-0123456789ab\n[Link]\nUnmanaged=yes\n' }],
    [
      'what a later file of netplan adds',
      {
        '/etc/netplan/10.yaml': 'network:\n  ethernets:\n    a: {}\n  vlans:\n    v: {id: 7, link: a}\n',
        '/etc/netplan/20.yaml': 'network:\n  bridges:\n    b: {interfaces: [v], parameters: {path-cost: {v: 7}}}\n',
      },
    ],
    ['no text', { [I]: '', [`${S}lo`]: '', [P]: '', [`${N}a.link`]: '' }],
  ];

  it.each(fine)('finds nothing in %s', (_what, files) => {
    expect(found(files)).toEqual([]);
  });

  it('suggests the correct name for a misspelled bridge, but not for another number', () => {
    const remedy = (bridge: string): string | undefined =>
      lint([
        config(`${S}a`, `DEVICE=a\nBRIDGE=${bridge}\n`),
        config(`${S}brvlan-10`, 'DEVICE=brvlan-10\nTYPE=Bridge\n'),
      ])[0]?.remedy;
    expect(remedy('brvlan10')).toBe('write BRIDGE=brvlan-10');
    expect(remedy('brvlan-20')).toMatch(/^write ifcfg-brvlan-20 with/);
  });

  it('never fails, whatever the files contain', () => {
    const words = [
      'auto',
      'iface',
      'a',
      'inet',
      'static',
      'address',
      'bridge_ports',
      'DEVICE=a',
      'BRIDGE=a',
      'VLAN=yes',
      'IPADDR=1',
      '[Match]',
      '[NetDev]',
      'Name=a',
      'Kind=vlan',
      'network:',
      ' vlans:',
      '  a:',
      '   id: 7',
      '   link: a',
      '\n',
      '\n',
      '\n',
      ' ',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string())).map((each) => each.join(' '));
    fc.assert(
      fc.property(
        fc.array(fc.record({ text, format: fc.constantFrom(...configFormats) }), { maxLength: 4 }),
        (files) => {
          const configs = files.map((file, index) =>
            readConfig({ path: `/etc/network-scripts/${index}`, text: file.text }, file.format),
          );
          for (const { line, path } of lint(configs, enabled('networking'))) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(configs.map(({ file }) => file.path)).toContain(path);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the managers of a host', () => {
  const bridge = { [`${S}br0`]: 'DEVICE=br0\nTYPE=Bridge\nNM_CONTROLLED=no\n' };

  it.each([
    ['NetworkManager alone, which it keeps out', enabled('NetworkManager'), [`nobody-manages ${S}br0:3`]],
    ['nothing at all', absent, [`nobody-manages ${S}br0:3`]],
    ['network.service', enabled('network'), []],
    ['network.service that calls brctl', { ...enabled('network'), scriptsCallBrctl: true }, [`no-brctl ${S}br0:2`]],
    ['network.service and brctl', { ...enabled('network'), scriptsCallBrctl: true, hasBrctl: true }, []],
  ])('decide what becomes of an ifcfg file: %s', (_what, facts, expected) => {
    expect(found(bridge, facts)).toEqual(expected);
  });

  it('that are not enabled are reported once, and not for devices of another manager', () => {
    const files = {
      [`${N}a.network`]: '[Match]\nName=eno1\n[Network]\nDHCP=yes\n',
      [`${N}b.network`]: '[Match]\nName=eno2\n[Network]\nDHCP=yes\n',
    };
    expect(found(files, absent)).toEqual([`nobody-manages ${N}a.network:2`]);
    expect(found(files, enabled('systemd-networkd'))).toEqual([]);
    expect(found({ ...files, [I]: 'auto eno1\niface eno1 inet dhcp\n' }, enabled('networking'))).toEqual([]);
  });

  it('of ifupdown need no brctl where something else makes bridges', () => {
    const files = { [I]: 'auto br0\niface br0 inet dhcp\n bridge_ports eth0\n' };
    expect(found(files, enabled('networking'))).toEqual([`no-brctl ${I}:3`]);
    expect(found(files, { ...enabled('networking'), ifupdownMakesBridges: true })).toEqual([]);
  });
});
