import { describe, expect, it } from '@jest/globals';
import { formatOf, readConfig } from '../../../src/config/config.ts';
import type { ConfiguredDevice, SourcedValue } from '../../../src/config/device.ts';
import { devicesOf } from '../../../src/config/devices.ts';

type Files = Readonly<Record<string, string>>;

function devices(files: Files): readonly ConfiguredDevice[] {
  const configs = Object.entries(files).map(([path, text]) => {
    const file = { path, text };
    return readConfig(file, formatOf(file)!);
  });
  return devicesOf(configs);
}

/** A device without the places of its values. */
function meaning(device: ConfiguredDevice) {
  const value = (said: SourcedValue | undefined): string | undefined => said?.value;
  return {
    name: device.name,
    kind: device.kind,
    onBoot: device.onBoot,
    addresses: device.addresses.map(({ address, mask }) => `${address.value} ${mask?.value ?? ''}`),
    gateways: device.gateways.map(value),
    dhcp: device.dhcp !== undefined,
    vlan: device.vlan && `${value(device.vlan.parent) ?? ''} ${value(device.vlan.id) ?? ''}`,
    mtu: value(device.mtu),
  };
}

const S = '/etc/sysconfig/network-scripts/';
const N = '/etc/systemd/network/';
const K = '/etc/NetworkManager/system-connections/';

/** A host of experiments C and D: br0 with an address takes over eno1; VLAN 10 of eno2 is a port of a bridge without one. */
const published: Readonly<Record<string, Files>> = {
  ifcfg: {
    [`${S}ifcfg-br0`]: 'DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nIPADDR=192.168.2.132\nPREFIX=24\nGATEWAY=192.168.2.2\n',
    [`${S}ifcfg-brvlan-10`]: 'DEVICE=brvlan-10\nTYPE=Bridge\nONBOOT=no\n',
    [`${S}ifcfg-eno1`]: 'DEVICE=eno1\nONBOOT=yes\nBRIDGE=br0\nMTU=9000\n',
    [`${S}ifcfg-eno2.10`]: 'DEVICE=eno2.10\nVLAN=yes\nONBOOT=yes\nBRIDGE=brvlan-10\n',
  },
  ifupdown: {
    '/etc/network/interfaces': `auto br0 eno1 eno2.10
iface br0 inet static
    address 192.168.2.132
    netmask 24
    gateway 192.168.2.2
    bridge_ports eno1
iface brvlan-10 inet manual
    bridge-ports eno2.10
iface eno1 inet manual
    mtu 9000
iface eno2.10 inet manual
`,
  },
  networkmanager: {
    [`${K}br0.nmconnection`]:
      '[connection]\nid=br0\nuuid=11111111-2222-3333-4444-555555555555\ntype=bridge\ninterface-name=br0\n[ipv4]\nmethod=manual\naddress1=192.168.2.132/24,192.168.2.2\n',
    [`${K}brvlan.nmconnection`]: '[connection]\nid=x\ntype=bridge\ninterface-name=brvlan-10\nautoconnect=false\n',
    [`${K}eno1.nmconnection`]:
      '[connection]\nid=eno1\ntype=ethernet\ninterface-name=eno1\nmaster=11111111-2222-3333-4444-555555555555\nslave-type=bridge\n[ethernet]\nmtu=9000\n',
    [`${K}vlan.nmconnection`]:
      '[connection]\nid=v\ntype=vlan\ncontroller=brvlan-10\nport-type=bridge\n[vlan]\nparent=eno2\nid=10\n',
  },
  networkd: {
    [`${N}br0.netdev`]: '[NetDev]\nName=br0\nKind=bridge\n',
    [`${N}br0.network`]: '[Match]\nName=br0\n[Network]\nAddress=192.168.2.132/24\nGateway=192.168.2.2\n',
    [`${N}brvlan.netdev`]: '[NetDev]\nName=brvlan-10\nKind=bridge\n',
    [`${N}brvlan.network`]: '[Match]\nName=brvlan-*\n[Link]\nActivationPolicy=manual\n',
    [`${N}eno1.network`]: '[Match]\nName=eno1\n[Link]\nMTUBytes=9000\n[Network]\nBridge=br0\n',
    [`${N}eno2.network`]: '[Match]\nName=eno2\n[Network]\nVLAN=eno2.10\n',
    [`${N}vlan.netdev`]: '[NetDev]\nName=eno2.10\nKind=vlan\n[VLAN]\nId=10\n',
    [`${N}vlan.network`]: '[Match]\nName=eno2.10\n[Network]\nBridge=brvlan-10\n',
  },
  netplan: {
    '/etc/netplan/50-kvm.yaml': `network:
  ethernets:
    eno1: {mtu: 9000}
    eno2: {}
  bridges:
    br0:
      interfaces: [eno1]
      addresses: [192.168.2.132/24]
      routes:
        - {to: default, via: 192.168.2.2}
    brvlan-10:
      interfaces: [eno2.10]
      activation-mode: manual
  vlans:
    eno2.10: {id: 10, link: eno2}
`,
  },
};

describe('the same host', () => {
  const nothing = { addresses: [], gateways: [], dhcp: false, vlan: undefined, mtu: undefined, onBoot: true };
  const expected = [
    {
      ...nothing,
      name: 'br0',
      kind: 'bridge',
      addresses: ['192.168.2.132 24'],
      gateways: ['192.168.2.2'],
    },
    { ...nothing, name: 'brvlan-10', kind: 'bridge', onBoot: false },
    { ...nothing, name: 'eno1', kind: 'ethernet', mtu: '9000' },
    { ...nothing, name: 'eno2.10', kind: 'vlan', vlan: 'eno2 10' },
  ];

  it.each(Object.entries(published))('is the same devices in %s', (_format, files) => {
    const found = devices(files)
      .filter(({ name }) => name !== 'eno2')
      .map(meaning)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(found).toEqual(expected);
  });

  it.each(Object.entries(published))('has the same ports of bridges in %s', (_format, files) => {
    const plugs = devices(files).flatMap(({ name, bridge, ports }) => [
      ...(bridge ? [`${name} ${bridge.value}`] : []),
      ...ports.map(({ value }) => `${value} ${name}`),
    ]);
    expect(plugs.sort()).toEqual(['eno1 br0', 'eno2.10 brvlan-10']);
  });
});

describe('a device', () => {
  const one = (path: string, text: string): ConfiguredDevice => devices({ [path]: text })[0]!;

  it('of an ifcfg file has the addresses of all numbers, each with its own mask', () => {
    const { addresses } = one(
      'ifcfg-a',
      'DEVICE=a\nIPADDR0=10.0.0.1\nNETMASK0=255.0.0.0\nIPADDR1=10.1.0.1\nPREFIX1=16\nIPV6ADDR=fd00::1/64\n',
    );
    expect(addresses.map(({ address, mask }) => [address.value, mask?.value, address.line])).toEqual([
      ['10.0.0.1', '255.0.0.0', 2],
      ['10.1.0.1', '16', 4],
      ['fd00::1', '64', 6],
    ]);
  });

  it('of an ifcfg file has the last of two values, and no gateway with DEFROUTE=no', () => {
    const device = one('ifcfg-a', 'DEVICE=a\nBRIDGE=br0\nBRIDGE=br1\nGATEWAY=10.0.0.1\nDEFROUTE=no\n');
    expect(device.bridge).toEqual({ key: 'BRIDGE', value: 'br1', line: 3, path: 'ifcfg-a' });
    expect(device.gateways).toEqual([]);
  });

  it('of /etc/network/interfaces inherits from its template, once, even if templates form a cycle', () => {
    const text =
      'auto /eth*\niface eth0 inet manual inherits t\ntemplate t inherits u\n  mtu 1400\ntemplate u inherits t\n  bond-master bond0\n';
    expect(one('/etc/network/interfaces', text)).toMatchObject({
      onBoot: true,
      mtu: { value: '1400' },
      bond: { value: 'bond0' },
    });
  });

  it('of systemd-networkd has what its drop-ins add, and an empty value clears it', () => {
    const found = devices({
      [`${N}eno1.network`]: '[Match]\nName=eno1\n[Network]\nAddress=10.0.0.1/24\nBridge=br0\n',
      [`${N}eno1.network.d/more.conf`]: '[Network]\nAddress=\nAddress=10.0.0.2/24\n',
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.addresses.map(({ address }) => `${address.path} ${address.value}`)).toEqual([
      `${N}eno1.network.d/more.conf 10.0.0.2`,
    ]);
    expect(found[0]?.bridge?.value).toBe('br0');
  });

  it('of netplan merges all files, and for one key the later file wins', () => {
    const found = devices({
      '/etc/netplan/1.yaml': 'network:\n  ethernets:\n    eno1: {dhcp4: true, mtu: 1500}\n',
      '/etc/netplan/2.yaml': 'network:\n  ethernets:\n    eno1: {dhcp4: false, mtu: 9000}\n',
    });
    expect(found.map(meaning)).toMatchObject([{ name: 'eno1', dhcp: false, mtu: '9000' }]);
  });
});
