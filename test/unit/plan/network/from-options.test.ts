import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkNetwork } from '../../../../src/plan/network/check/network.ts';
import { networkFromOptions } from '../../../../src/plan/network/from-options.ts';
import { networkLifecycle } from '../../../../src/plan/network/options.ts';
import type { State } from '../../../../src/state/state.ts';
import { buildNetwork } from '../../../../src/xml/build.ts';
import { parseNetwork, type Network } from '../../../../src/xml/network.ts';
import { networkValues, type TypedNetwork } from '../typed-options.ts';
import { defaultNetwork, hostWith, ipv4, link, networkState, route, stateWith } from '../state.ts';

interface Given {
  readonly name?: string;
  readonly base?: Network;
  readonly state?: State;
}

function make(options: TypedNetwork, { name, base, state = stateWith() }: Given = {}): Network {
  return networkFromOptions({
    name,
    options: networkValues(options),
    base,
    state,
    random: { mac: '52:54:00:aa:bb:cc', globalId: '0123456789' },
  });
}

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/plan/${name}`, import.meta.url), 'utf8');

describe('a network from options', () => {
  it.each<[string, TypedNetwork, string | undefined]>([
    ['nat', { nat: '192.168.132.0/24', bridgeName: 'keenbr0' }, 'keennet'],
    [
      'nat-all-options',
      {
        nat: '10.1.2.64/26',
        ipv6: 'auto',
        gateway: '10.1.2.100',
        lease: '24h',
        reserve: ['52-54-00-AB-CD-EF=10.1.2.77,vm1', 'vm6=fd01:2345:6789::77'],
        domain: 'keen.example',
        dns: ['www.keen.example=10.1.2.77', 'ftp.keen.example=10.1.2.77'],
        forwarder: ['9.9.9.9'],
        dev: 'eno1',
        natPorts: '20000-30000',
        mac: '52:54:00:00:00:01',
        mtu: '9000',
        stp: false,
        zone: 'trusted',
        portgroup: ['staff', 'guests'],
        isolatePorts: true,
      },
      undefined,
    ],
    ['route', { route: '172.20.0.0/16', dhcp: ['172.20.1.0-172.20.1.99', '172.20.2.1-172.20.2.9'] }, undefined],
    ['isolated', { isolated: true }, undefined],
    ['macvtap', { macvtap: 'eno1,eno2', mode: 'vepa' }, undefined],
    ['hostdev', { hostdev: 'enp1s0f0', vlan: '42' }, undefined],
    ['bridge', { bridge: 'br0', portgroup: ['ten:vlan=10'] }, undefined],
  ])('is written as in fixtures/plan/%s.out.xml', (file, options, name) => {
    const xml = buildNetwork(make(options, { ...(name === undefined ? {} : { name }) }));
    expect(`${xml.trim()}\n`).toBe(fixture(`${file}.out.xml`));
  });

  it.each<[TypedNetwork, string]>([
    [{ nat: '192.168.132.0/24' }, 'nat-192-168-132'],
    [{ nat: '10.0.0.0/8' }, 'nat-10'],
    [{ route: '172.16.0.0/16' }, 'route-172-16'],
    [{ open: '10.1.2.64/26' }, 'open-10-1-2-64-26'],
    [{ isolated: '192.168.50.0/24' }, 'isolated-192-168-50'],
    [{ isolated: true }, 'isolated-virbr0'],
    [{ route: 'fd00:1:2:3::/64' }, 'route-fd00-1-2-3'],
    [{ route: 'fd00:1:2:3::/80', noDhcp: true }, 'route-fd00-1-2-3-0'],
    [{ macvtap: 'eno1' }, 'macvtap-eno1'],
    [{ hostdev: 'enp1s0f0' }, 'hostdev-enp1s0f0'],
    [{ bridge: 'br0' }, 'bridge-br0'],
  ])('without a name is named after what it is: %j', (options, name) => {
    expect(make(options).name).toBe(name);
  });

  it.each([
    ['192.168.132.0/24', undefined, ['192.168.132.2-192.168.132.254']],
    ['192.168.132.0/24', '192.168.132.254', ['192.168.132.1-192.168.132.253']],
    ['192.168.132.0/24', '192.168.132.9', ['192.168.132.1-192.168.132.8', '192.168.132.10-192.168.132.254']],
    ['10.0.0.0/30', undefined, ['10.0.0.2-10.0.0.2']],
    ['10.8.0.0/16', undefined, ['10.8.0.2-10.8.255.254']],
    ['10.0.0.0/8', undefined, ['10.0.0.2-10.0.255.254']],
    ['10.0.0.0/8', '10.9.0.1', ['10.9.0.2-10.9.255.254']],
  ])('gives out in %s with gateway %s by DHCP %j', (nat, gateway, expected) => {
    const network = make({ nat, gateway });
    expect(network.ips[0]?.dhcp?.ranges.map(({ start, end }) => `${start}-${end}`)).toEqual(expected);
    expect(checkNetwork(network, stateWith())).toEqual([]);
  });

  it('has no DHCP with --no-dhcp, and no DNS with --no-dns', () => {
    const network = make({ nat: '192.168.132.0/24', noDhcp: true, noDns: true });
    expect(network.ips[0]?.dhcp).toBeUndefined();
    expect(network.dns?.enable).toBe(false);
  });

  it('lets IPv6 guests configure themselves in a /64, and serves DHCPv6 where a range is given', () => {
    expect(make({ nat: '10.0.0.0/24', ipv6: 'fd00::/64' }).ips[1]?.dhcp).toBeUndefined();
    const served = make({ nat: '10.0.0.0/24', ipv6: 'fd00::/64', dhcp: ['fd00::10-fd00::ff'] });
    expect(served.ips[1]?.dhcp?.ranges).toMatchObject([{ start: 'fd00::10', end: 'fd00::ff' }]);
    expect(served.ips[0]?.dhcp?.ranges).toMatchObject([{ start: '10.0.0.2', end: '10.0.0.254' }]);
  });

  it('translates unique local IPv6 where libvirt can, and routes public IPv6', () => {
    expect(make({ nat: '10.0.0.0/24', ipv6: 'fd00::/64' }).forward?.nat?.ipv6).toBe(true);
    expect(make({ nat: '10.0.0.0/24', ipv6: '2001:470:1::/64' }).forward?.nat).toBeUndefined();
    const old = stateWith({ libvirtVersion: 6_004_000 });
    expect(make({ nat: '10.0.0.0/24', ipv6: 'fd00::/64' }, { state: old }).forward?.nat).toBeUndefined();
  });

  it('gives the bridge the first virbrN that neither a network nor a link of the host has', () => {
    const state = stateWith({
      networks: [
        networkState(defaultNetwork),
        networkState("<network><name>n</name><bridge name='virbr2'/></network>"),
      ],
      host: hostWith([link('virbr1', { kind: 'bridge' })]),
    });
    expect(make({ nat: 'auto' }, { state }).bridge?.name).toBe('virbr3');
  });
});

describe('--nat auto', () => {
  const gateway = (state: State): string | undefined => make({ nat: 'auto' }, { state }).ips[0]?.address;

  it('begins at 192.168.100.0/24', () => {
    expect(gateway(stateWith())).toBe('192.168.100.1');
  });

  it('goes past networks that are not active, addresses of NICs that are down, and routes of policy tables', () => {
    const stopped = "<network><name>n</name><ip address='192.168.100.1' netmask='255.255.255.0'/></network>";
    const state = stateWith({
      networks: [networkState(stopped, { active: false })],
      host: hostWith(
        [link('eth1', { up: false, addresses: [ipv4('192.168.101.7', 24)] })],
        [route('192.168.102.128/25', 'eth2', { table: '100' }), route('0.0.0.0/0', 'eth0')],
      ),
    });
    expect(gateway(state)).toBe('192.168.103.1');
  });

  it('continues in 10.0.0.0/8 if 192.168.0.0/16 is exhausted', () => {
    expect(
      gateway(stateWith({ host: hostWith([], [route('192.168.0.0/16', 'tun0'), route('10.0.0.0/15', 'tun0')]) })),
    ).toBe('10.2.0.1');
  });

  it('reports that no subnet is free', () => {
    const state = stateWith({ host: hostWith([], [route('192.168.0.0/16', 'tun0'), route('10.0.0.0/8', 'tun0')]) });
    expect(() => make({ nat: 'auto' }, { state })).toThrow(/no free subnet/);
  });

  it('takes the next /64 of the random prefix for --ipv6 auto when the first is taken', () => {
    const first = "<network><name>n</name><ip family='ipv6' address='fd01:2345:6789::1' prefix='64'/></network>";
    const state = stateWith({ networks: [networkState(first)] });
    expect(make({ isolated: true, ipv6: 'auto' }, { state }).ips[0]?.address).toBe('fd01:2345:6789:1::1');
  });
});

describe('a template', () => {
  const base = parseNetwork(`<network xmlns:x='http://example.org/x'>
  <name>pattern</name>
  <uuid>c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid>
  <metadata><x:note>kept</x:note></metadata>
  <forward mode='nat' dev='eno1'/>
  <bridge name='patbr0' zone='trusted' stp='off' delay='2'/>
  <mac address='52:54:00:11:11:11'/>
  <domain name='pattern.example' localOnly='yes'/>
  <ip address='10.9.0.1' netmask='255.255.255.0'>
    <tftp root='/srv/tftp'/>
    <dhcp>
      <range start='10.9.0.100' end='10.9.0.199'><lease expiry='2' unit='hours'/></range>
      <host mac='52:54:00:00:00:09' ip='10.9.0.9'/>
      <bootp file='pxelinux.0'/>
    </dhcp>
  </ip>
  <portgroup name='staff'/>
</network>`);

  it('is taken as it stands, but for its UUID and MAC address, which are one network alone’s', () => {
    const network = make({}, { base });
    expect(network).toMatchObject({
      name: 'pattern',
      bridge: { name: 'patbr0', stp: false },
      mac: { address: '52:54:00:aa:bb:cc' },
    });
    expect(network.uuid).toBeUndefined();
    expect(network.metadata).toContain('kept');
    expect(network.ips[0]?.dhcp?.hosts).toHaveLength(1);
  });

  it('keeps what the options leave alone when they change its subnet', () => {
    const network = make({ nat: '10.10.0.0/24' }, { base });
    expect(network).toMatchObject({ name: 'pattern', forward: { dev: 'eno1' }, domain: { localOnly: true } });
    expect(network.ips).toHaveLength(1);
    expect(network.ips[0]).toMatchObject({ address: '10.10.0.1', tftp: { root: '/srv/tftp' } });
    const { ranges = [], hosts, bootp } = network.ips[0]?.dhcp ?? {};
    expect(ranges).toMatchObject([{ start: '10.10.0.2', end: '10.10.0.254', lease: { expiry: 2, unit: 'hours' } }]);
    expect({ hosts, bootp }).toMatchObject({ hosts: [], bootp: { file: 'pxelinux.0' } });
  });

  it('is overridden option by option', () => {
    const network = make(
      {
        domain: 'other.example',
        lease: '90m',
        zone: 'work',
        bridgeName: 'br7',
        reserve: ['52:54:00:00:00:10=10.9.0.10'],
        portgroup: ['lab'],
      },
      { base, name: 'mine' },
    );
    expect(network).toMatchObject({
      name: 'mine',
      domain: { name: 'other.example', localOnly: true },
      bridge: { name: 'br7', zone: 'work', delay: 2 },
      portgroups: [{ name: 'staff' }, { name: 'lab' }],
    });
    expect(network.ips[0]?.dhcp?.ranges[0]).toMatchObject({
      start: '10.9.0.100',
      lease: { expiry: 90, unit: 'minutes' },
    });
    expect(network.ips[0]?.dhcp?.hosts.map(({ ip }) => ip)).toEqual(['10.9.0.9', '10.9.0.10']);
  });

  it('loses what another kind cannot have', () => {
    const network = make({ bridge: 'br0' }, { base });
    expect(network).toMatchObject({
      forward: { mode: 'bridge' },
      bridge: { name: 'br0' },
      ips: [],
      portgroups: [{ name: 'staff' }],
    });
    expect([network.domain, network.mac, network.bridge?.zone]).toEqual([undefined, undefined, undefined]);
    const host = hostWith([link('br0', { kind: 'bridge' })]);
    expect(checkNetwork(network, stateWith({ host }))).toEqual([]);
  });

  it('loses its addresses with --isolated', () => {
    expect(make({ isolated: true }, { base }).ips).toEqual([]);
  });
});

describe('the life of a new network', () => {
  it('is define, autostart and start unless the options differ', () => {
    expect(networkLifecycle({})).toEqual({ transient: false, start: true, autostart: true });
    expect(networkLifecycle({ noStart: true, noAutostart: true })).toEqual({
      transient: false,
      start: false,
      autostart: false,
    });
    expect(networkLifecycle({ transient: true })).toEqual({ transient: true, start: true, autostart: false });
  });
});
