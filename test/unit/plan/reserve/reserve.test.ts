import { describe, expect, it } from '@jest/globals';
import { releasePacket } from '../../../../src/host/dhcp-release.ts';
import { networkOf, planPin } from '../../../../src/plan/reserve/pin.ts';
import { planRelease, planReserve } from '../../../../src/plan/reserve/reserve.ts';
import type { Lease, NetworkState, State } from '../../../../src/state/state.ts';
import { domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const now = 1_700_000_000;
const mac = '52:54:00:00:00:01';
const otherMac = '52:54:00:00:00:02';
const duid = '00:03:00:01:52:54:00:00:00:01';

const xml = (hosts = '', hosts6 = ''): string => `<network>
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

const domain = (name: string, ...nics: readonly string[]): string =>
  `<domain type='kvm'><name>${name}</name><uuid>11111111-1111-4111-8111-00000000000${name.length}</uuid><devices>${nics.map(nic).join('')}</devices></domain>`;

const vm1 = domainState(domain('VM1', mac), domain('VM1', mac));

const lease = (address: string, owner: string, given: Partial<Lease> = {}): Lease => ({
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

function plan(
  given: { readonly ip: string; readonly who?: string; readonly host?: string; readonly replace?: boolean },
  network: NetworkState = networkState(xml()),
  domains: State['domains'] = [vm1],
) {
  return planReserve({ who: 'VM1', ...given, network, now }, stateWith({ networks: [network], domains }));
}

describe('a reservation', () => {
  it('is one call for both lives, in the <ip> of its subnet, counted over both families', () => {
    const { steps } = plan({ ip: '192.168.132.77', host: 'web' });
    expect(steps.map((step) => step.do)).toEqual([
      {
        call: 'networkUpdate',
        network: 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e',
        command: 3,
        section: 4,
        parentIndex: 1,
        xml: `<host mac="${mac}" name="web" ip="192.168.132.77"/>`,
        flags: 3,
      },
    ]);
    expect(steps[0]?.undo).toEqual([{ ...steps[0]?.do, command: 2 }]);
  });

  it('is made only in the life that an inactive or a transient network has', () => {
    const inactive = networkState(xml(), { active: false });
    const transient = networkState(xml(), { persistent: false, inactive: undefined, inactiveXml: undefined });
    const flags = (network: NetworkState) =>
      plan({ ip: '192.168.132.77' }, network).steps.map((step) => 'flags' in step.do && step.do.flags);
    expect(flags(inactive)).toEqual([2]);
    expect(flags(transient)).toEqual([1]);
  });

  it('is nothing to do where it is there, also by another spelling of the same', () => {
    const network = networkState(xml(`<host mac='${mac.toUpperCase()}' name='web' ip='192.168.132.77'/>`));
    expect(plan({ ip: '192.168.132.77' }, network).steps).toEqual([]);
    expect(plan({ ip: '192.168.132.77', host: 'web' }, network).steps).toEqual([]);
  });

  it('is added to the one life that lacks it, with the name that the other one has', () => {
    const network = networkState(xml(), {
      inactive: networkState(xml(`<host mac='${mac}' name='web' ip='192.168.132.77'/>`)).network,
    });
    expect(plan({ ip: '192.168.132.77' }, network).steps.map((step) => step.do)).toMatchObject([
      { command: 3, flags: 1, xml: `<host mac="${mac}" name="web" ip="192.168.132.77"/>` },
    ]);
  });

  it('takes the place of another one with replace only: deleted whole and added, its lease time kept', () => {
    const network = networkState(
      xml(`<host mac='${mac}' name='web' ip='192.168.132.50'><lease expiry='2' unit='hours'/></host>`),
    );
    expect(() => plan({ ip: '192.168.132.77' }, network)).toThrow(
      `VM1 (${mac}) has 192.168.132.50 of network keennet reserved already`,
    );
    const { steps } = plan({ ip: '192.168.132.77', replace: true }, network);
    expect(steps.map((step) => 'command' in step.do && step.do.command)).toEqual([2, 3]);
    const sent = steps.map((step) => ('xml' in step.do ? step.do.xml.replaceAll(/\s+/g, ' ') : ''));
    expect(sent[0]).toContain('ip="192.168.132.50"');
    expect(sent[1]).toContain('name="web" ip="192.168.132.77"> <lease expiry="2" unit="hours"/>');
  });

  it.each([
    ['10.0.0.1', '10.0.0.1 is outside network keennet, which has 192.168.132.0/24, 192.168.140.0/24'],
    ['192.168.132.0', 'is the network address'],
    ['192.168.132.255', 'is the broadcast address'],
    ['192.168.132.1', 'is the gateway of network keennet'],
    ['fd00:1:2:3::', 'is the address of all routers'],
    ['fd00:1:2:4::5', 'fd00:1:2:4::5 is outside network keennet, which has fd00:1:2:3::/64'],
    ['192.168.140.7', 'network keennet serves DHCP in 192.168.132.0/24, not in 192.168.140.0/24'],
    ['192.168.132.077', 'octal'],
  ])('of %s is refused', (ip, reason) => {
    expect(() => plan({ ip })).toThrow(reason);
  });

  it('is refused, with the holder’s name, where another guest has it reserved, in either life', () => {
    const vm2 = domainState(domain('VM2x', otherMac));
    const taken = xml(`<host mac='${otherMac}' ip='192.168.132.77'/>`);
    const refusal = `192.168.132.77 of network keennet is reserved for VM2x (${otherMac})`;
    expect(() => plan({ ip: '192.168.132.77' }, networkState(taken), [vm1, vm2])).toThrow(refusal);
    const later = networkState(xml(), { inactive: networkState(taken).network });
    expect(() => plan({ ip: '192.168.132.77', replace: true }, later, [vm1, vm2])).toThrow(refusal);
  });

  it('is refused where another entry of that <ip> has the host name, for libvirt refuses that too', () => {
    const network = networkState(xml(`<host mac='${otherMac}' name='web' ip='192.168.132.9'/>`));
    expect(() => plan({ ip: '192.168.132.77', host: 'WEB' }, network)).toThrow(
      `the host name WEB of network keennet is that of ${otherMac}, with 192.168.132.9`,
    );
  });

  it('is refused while the address is leased to another guest, and not once that lease has ended', () => {
    const vm2 = domainState(domain('VM2x', otherMac), domain('VM2x', otherMac));
    const leased = networkState(xml(), { leases: [lease('192.168.132.77', otherMac)] });
    expect(() => plan({ ip: '192.168.132.77' }, leased, [vm1, vm2])).toThrow(
      `192.168.132.77 of network keennet is leased to VM2x (${otherMac}), for another 43 min`,
    );
    const ended = networkState(xml(), { leases: [lease('192.168.132.77', otherMac, { expires: now - 1 })] });
    expect(plan({ ip: '192.168.132.77' }, ended, [vm1, vm2]).steps).toHaveLength(1);
  });

  it('waits for a stale lease with replace only', () => {
    const network = networkState(xml(), { leases: [lease('192.168.132.77', otherMac, { expires: 0 })] });
    expect(() => plan({ ip: '192.168.132.77' }, network)).toThrow(
      'which does not belong to any domain, a lease without end',
    );
    const { warnings, steps } = plan({ ip: '192.168.132.77', replace: true }, network);
    expect(warnings).toEqual([expect.stringContaining(`VM1 (${mac}) gets it after that`)]);
    expect(steps).toHaveLength(1);
  });

  it('has one story of a stale lease, and names what ends it', () => {
    const network = networkState(xml(), { leases: [lease('192.168.132.77', otherMac)] });
    const end = `kvmnet net release keennet ${otherMac}`;
    expect(() => plan({ ip: '192.168.132.77' }, network)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(end) }),
    );
    const { warnings, note } = plan({ ip: '192.168.132.77', replace: true }, network);
    expect(warnings.join()).toContain(`gets it after that lease has ended; ${end} ends it now`);
    expect(note).toBe(`VM1 gets 192.168.132.77 once the lease of ${otherMac} has ended`);
    const foreign = plan({ who: '52:54:00:00:00:09', ip: '192.168.132.77', replace: true }, network);
    expect(foreign.note).toContain(`once the lease of ${otherMac} has ended`);
  });

  it('asks for the MAC of a domain with several NICs in the network, and for a NIC where there is none', () => {
    const two = domainState(domain('VM1', mac, otherMac));
    expect(() => plan({ ip: '192.168.132.77' }, undefined, [two])).toThrow(
      `VM1 has 2 NICs in network keennet: ${mac}, ${otherMac}`,
    );
    expect(() => plan({ ip: '192.168.132.77' }, undefined, [domainState(domain('VM1'))])).toThrow(
      'VM1 has no NIC in network keennet',
    );
    expect(() => plan({ ip: '192.168.132.77', who: 'VM' })).toThrow('no domain "VM"');
    expect(plan({ ip: '192.168.132.77', who: otherMac.toUpperCase() }, undefined, [two]).steps).toHaveLength(1);
  });

  it('of IPv6 goes by the DUID of the lease, or else by the host name', () => {
    const leased = networkState(xml(), { leases: [lease('fd00:1:2:3::150', mac, { clientId: duid })] });
    expect(plan({ ip: 'fd00:1:2:3::77' }, leased).steps[0]?.do).toMatchObject({
      parentIndex: 0,
      xml: `<host id="${duid}" ip="fd00:1:2:3::77"/>`,
    });
    const byName = plan({ ip: 'fd00:1:2:3::77' });
    expect(byName.steps[0]?.do).toMatchObject({ xml: '<host name="VM1" ip="fd00:1:2:3::77"/>' });
    expect(byName.note).toContain('dnsmasq knows it by the host name VM1, which it has to send');
    expect(() => plan({ ip: 'fd00:1:2:3::77', who: otherMac })).toThrow('IPv6 knows guests by DUID or host name');
    expect(() => plan({ ip: '192.168.132.77', who: duid })).toThrow('IPv4 knows guests by MAC');
  });

  it('is refused in a network that serves no DHCP, for nobody would give the address out', () => {
    const network = networkState(
      `<network><name>keennet</name><bridge name='b'/><ip address='192.168.132.1' prefix='24'/></network>`,
    );
    expect(() => plan({ ip: '192.168.132.77' }, network)).toThrow('network keennet serves no DHCP for IPv4');
    const lan = networkState(`<network><name>keennet</name><forward mode='bridge'/><bridge name='br0'/></network>`);
    expect(() => plan({ ip: '192.168.132.77' }, lan)).toThrow('network keennet has no IPv4 subnet of its own');
  });

  describe('tells when the guest gets the address', () => {
    const leased = (address: string) => networkState(xml(), { leases: [lease(address, mac)] });

    it.each([
      [
        'that has another lease',
        leased('192.168.132.5'),
        /^VM1 keeps 192.168.132.5 until it renews its lease \(at the latest in 43 min\) or its link bounces: kvmnet vm link VM1 52:54:00:00:00:01 down --live;/,
      ],
      ['that has it', leased('192.168.132.77'), /^VM1 has 192.168.132.77 already, and keeps it$/],
      [
        'without a lease',
        networkState(xml()),
        /^VM1 has no lease now: it gets 192.168.132.77 with its next DHCP request, or when its link bounces/,
      ],
      [
        'of a network that is stopped',
        networkState(xml(), { active: false }),
        /^VM1 gets 192.168.132.77 when network keennet runs/,
      ],
    ])('to one %s', (_which, network, note) => {
      expect(plan({ ip: '192.168.132.77' }, network).note).toMatch(note);
    });

    it('to one that is off', () => {
      expect(plan({ ip: '192.168.132.77' }, undefined, [domainState(domain('VM1', mac))]).note).toBe(
        'VM1 gets 192.168.132.77 when it starts',
      );
    });
  });
});

describe('the lease of a guest that is gone', () => {
  const network = networkState(xml(), {
    leases: [lease('192.168.132.77', otherMac), lease('192.168.132.78', mac), lease('fd00:1:2:3::7', otherMac)],
  });
  const state = stateWith({
    networks: [network],
    domains: [vm1],
    host: hostWith([link('keenbr0', { kind: 'bridge' })]),
  });
  const release = (target: string, seen: State = state) => planRelease(network, [target], seen);

  it.each([otherMac, '192.168.132.77'])('is ended by a release of %s', (target) => {
    const { steps, consent } = release(target);
    expect(steps.map((step) => step.do)).toEqual([
      {
        call: 'hostEndLease',
        network: network.uuid,
        mac: otherMac,
        address: '192.168.132.77',
        server: '192.168.132.1',
      },
    ]);
    expect(consent).toEqual([]);
  });

  it.each([mac, 'VM1', '192.168.132.78'])('and not that of a guest that is there: %s', (target) => {
    expect(release(target).steps).toEqual([]);
  });

  it('is asked about where something that is no guest of libvirt may have it, and left where the host is out of sight', () => {
    const host = hostWith([link('keenbr0', { kind: 'bridge' }), link('veth7', { kind: 'veth', master: 'keenbr0' })]);
    expect(release(otherMac, { ...state, host }).consent.join()).toContain(`${otherMac} may be behind veth7`);
    const remote = release(otherMac, { ...state, host: undefined });
    expect(remote.steps).toEqual([]);
    expect(remote.warnings.join()).toContain('stays leased: run the same command on the host of qemu:///system');
  });

  it('is given up as RFC 2131 says', () => {
    const packet = releasePacket(
      { mac: otherMac, address: '192.168.132.77', server: '192.168.132.1' },
      Buffer.from('abcd'),
    );
    expect(packet.subarray(0, 34).toString('hex')).toBe(
      `010106006162636400000000c0a8844d${'00'.repeat(12)}525400000002`,
    );
    expect(packet.subarray(236, 250).toString('hex')).toBe('63825363' + '350107' + '3604c0a88401' + 'ff');
  });
});

describe('a release', () => {
  const hosts = `<host mac='${mac}' ip='192.168.132.77'/><host mac='${otherMac}' name='web' ip='192.168.132.78'/>`;
  const network = networkState(xml(hosts));
  const release = (...targets: readonly string[]) =>
    planRelease(network, targets, stateWith({ networks: [network], domains: [vm1] })).steps.map((step) =>
      'xml' in step.do ? /ip="([^"]+)"/.exec(step.do.xml)?.[1] : undefined,
    );

  it('is by domain, MAC, address or host name', () => {
    expect(release('VM1')).toEqual(['192.168.132.77']);
    expect(release(otherMac)).toEqual(['192.168.132.78']);
    expect(release('192.168.132.78')).toEqual(['192.168.132.78']);
    expect(release('web')).toEqual(['192.168.132.78']);
    expect(release('VM1', 'web')).toEqual(['192.168.132.77', '192.168.132.78']);
  });

  it('is nothing to do where nothing is reserved, and is refused for a name that nobody has', () => {
    expect(release('192.168.132.99')).toEqual([]);
    expect(() => release('nobody')).toThrow('no domain "nobody"');
  });

  it('warns that DHCP goes off with the last reservation of a network without ranges', () => {
    const last = networkState(
      `<network><name>keennet</name><bridge name='b'/><ip address='192.168.132.1' prefix='24'><dhcp><host mac='${mac}' ip='192.168.132.77'/></dhcp></ip></network>`,
    );
    const { warnings } = planRelease(last, [mac], stateWith({ networks: [last] }));
    expect(warnings).toEqual([expect.stringContaining('DHCP goes off')]);
  });
});

describe('a pin', () => {
  it('reserves the leases of both families of all named domains', () => {
    const vm2 = domainState(domain('VM2x', otherMac), domain('VM2x', otherMac));
    const network = networkState(xml(), {
      leases: [
        lease('192.168.132.5', mac),
        lease('fd00:1:2:3::150', mac, { clientId: duid }),
        lease('192.168.132.6', otherMac),
      ],
    });
    const state = stateWith({ networks: [network], domains: [vm1, vm2] });
    const { pinned, steps } = planPin({ network, names: ['VM1', 'VM2x'], now }, state);
    expect(pinned.map(({ address }) => address)).toEqual(['192.168.132.5', 'fd00:1:2:3::150', '192.168.132.6']);
    expect(steps).toHaveLength(3);
  });

  it('says which address is reserved already, where there is no lease', () => {
    const network = networkState(xml(`<host mac='${mac}' ip='192.168.132.77'/>`));
    const state = stateWith({ networks: [network], domains: [vm1] });
    expect(() => planPin({ network, names: ['VM1'], now }, state)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^192\.168\.132\.77 is reserved for it already; kvmnet/) }),
    );
  });

  it('knows a guest by its MAC too, and gives the reservation a name', () => {
    const network = networkState(xml(), { leases: [lease('192.168.132.6', otherMac)] });
    const state = stateWith({ networks: [network], domains: [vm1] });
    const { pinned, steps } = planPin({ network, names: [otherMac.toUpperCase()], host: 'web', now }, state);
    expect(pinned).toEqual([{ domain: otherMac.toUpperCase(), address: '192.168.132.6' }]);
    expect(JSON.stringify(steps)).toContain('web');
  });

  it('finds the network of the only NIC of a domain, and names several', () => {
    const network = networkState(xml());
    const other = networkState(`<network><name>other</name><bridge name='o'/></network>`);
    const both = `<domain type='kvm'><name>VM9</name><devices>${['keennet', 'other']
      .map(
        (name, index) =>
          `<interface type='network'><mac address='52:54:00:00:09:0${index}'/><source network='${name}'/></interface>`,
      )
      .join('')}</devices></domain>`;
    const none = `<domain type='kvm'><name>VM8</name><devices/></domain>`;
    const state = stateWith({ networks: [network, other], domains: [vm1, domainState(both), domainState(none)] });
    expect(networkOf('VM1', state)).toBe(network);
    expect(() => networkOf('VM9', state)).toThrow('VM9 has NICs in keennet and other');
    expect(() => networkOf('VM8', state)).toThrow('VM8 has no NIC in a network');
  });

  it('is refused for a domain without a lease', () => {
    const network = networkState(xml());
    expect(() => planPin({ network, names: ['VM1'], now }, stateWith({ networks: [network], domains: [vm1] }))).toThrow(
      'VM1 has no lease in network keennet: nothing to pin',
    );
  });
});
