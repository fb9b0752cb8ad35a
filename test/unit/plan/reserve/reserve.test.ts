import { describe, expect, it } from '@jest/globals';
import type { NetworkState } from '../../../../src/state/state.ts';
import { domainState, networkState } from '../state.ts';
import { now, mac, otherMac, duid, xml, domain, vm1, lease, plan } from './leases.ts';

describe('a reservation', () => {
  it('is one call for both scopes, in the <ip> of its subnet, counted over both families', () => {
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

  it('has nothing to do if it exists, also in another spelling', () => {
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
      `the host name WEB of network keennet belongs to ${otherMac}, with 192.168.132.9`,
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

  it('requires the MAC of a domain with several NICs in the network, and a NIC for a domain without one', () => {
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

  it('is refused in a network that serves no DHCP, because no server would assign the address', () => {
    const network = networkState(
      `<network><name>keennet</name><bridge name='b'/><ip address='192.168.132.1' prefix='24'/></network>`,
    );
    expect(() => plan({ ip: '192.168.132.77' }, network)).toThrow('network keennet serves no DHCP for IPv4');
    const lan = networkState(`<network><name>keennet</name><forward mode='bridge'/><bridge name='br0'/></network>`);
    expect(() => plan({ ip: '192.168.132.77' }, lan)).toThrow('network keennet has no IPv4 subnet of its own');
  });

  describe('reports when the guest gets the address', () => {
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
