import { describe, expect, it } from '@jest/globals';
import { causeOfFailedStart, type Holder, type StartFacts } from '../../../src/apply/start-failure.ts';
import { parseNetwork } from '../../../src/xml/network.ts';

const mac = '52:54:00:aa:bb:cc';

const definition = (more = ''): string =>
  `<network><name>keennet</name><forward mode='nat'/><bridge name='keenbr0'/><mac address='${mac}'/>${more}
  <ip address='192.168.132.1' prefix='24'><dhcp><range start='192.168.132.2' end='192.168.132.9'/></dhcp></ip></network>`;

/** A host on which nothing is in the way. */
const clear: StartFacts = {
  network: parseNetwork(definition()),
  links: [{ name: 'lo', kind: undefined, type: 'loopback', mac: '00:00:00:00:00:00' }],
  overlaps: [],
  listeners: [],
  isInstalled: () => true,
  distribution: ['debian'],
};

const cause = (facts: Partial<StartFacts>): string | undefined => causeOfFailedStart({ ...clear, ...facts })?.message;

const holder = (facts: Partial<Holder>): Holder => ({
  address: '0.0.0.0',
  device: undefined,
  port: 53,
  process: { name: 'named', pid: 42 },
  command: ['named'],
  ...facts,
});

describe('the cause of a start that failed', () => {
  it('is unknown where nothing is in the way', () => {
    expect(cause({})).toBeUndefined();
  });

  it.each([
    [{ kind: 'bridge', type: 'ether', mac: '02:00:00:00:00:01' }, 'already has a device keenbr0 (bridge)'],
    [{ kind: undefined, type: 'ether', mac: '02:00:00:00:00:01' }, 'already has a device keenbr0 (NIC)'],
    [{ kind: 'bridge', type: 'ether', mac }, 'a libvirt daemon that was killed has left it behind'],
  ])('is a device with the name of the bridge: %j', (link, message) => {
    expect(cause({ links: [...clear.links, { name: 'keenbr0', ...link }] })).toContain(message);
  });

  describe('is dnsmasq that is missing', () => {
    const isInstalled = (program: string): boolean => program !== 'dnsmasq';

    it('where the network serves DHCP or DNS', () => {
      expect(cause({ isInstalled })).toContain('the program dnsmasq is not installed');
      const dhcpOnly = parseNetwork(definition(`<dns enable='no'/>`));
      expect(cause({ isInstalled, network: dhcpOnly })).toContain('dnsmasq');
    });

    it('and not where it serves neither, or has no address', () => {
      const neither = definition(`<dns enable='no'/>`).replace(/<dhcp>.*<\/dhcp>/s, '');
      expect(cause({ isInstalled, network: parseNetwork(neither) })).toBeUndefined();
      const none = parseNetwork(`<network><name>quiet</name><bridge name='quiet0'/></network>`);
      expect(cause({ isInstalled, network: none })).toBeUndefined();
    });
  });

  describe('is a port that is taken', () => {
    it.each([
      [holder({ address: '192.168.132.1' }), 'port 53 of 192.168.132.1 is taken by named (process 42)'],
      [holder({ address: '0.0.0.0' }), 'port 53 of every address is taken by named (process 42)'],
      [holder({ address: '*' }), 'port 53 of every address is taken by named'],
      [holder({ process: undefined, command: [] }), 'port 53 of every address is taken by another program'],
      [
        holder({ port: 67, process: { name: 'dhcpd', pid: 7 } }),
        'port 67 of every address is taken by dhcpd (process 7)',
      ],
    ])('%j', (listener, message) => {
      expect(cause({ listeners: [listener] })).toContain(message);
    });

    it('by a dnsmasq of the network itself, which a killed daemon has left', () => {
      const command = ['/usr/sbin/dnsmasq', '--conf-file=/var/lib/libvirt/dnsmasq/keennet.conf'];
      const left = holder({ address: '192.168.132.1', process: { name: 'dnsmasq', pid: 9 }, command });
      const found = causeOfFailedStart({ ...clear, listeners: [left] });
      expect(found).toEqual({ message: expect.stringContaining('has left behind'), hint: 'end it: kill 9' });
    });

    it('by the dnsmasq of another network, which must not be stopped alone', () => {
      const command = ['/usr/sbin/dnsmasq', '--conf-file=/var/lib/libvirt/dnsmasq/my net.conf'];
      const other = holder({ address: '192.168.132.1', process: { name: 'dnsmasq', pid: 9 }, command });
      expect(causeOfFailedStart({ ...clear, listeners: [other] })).toEqual({
        message: 'port 53 of 192.168.132.1 is taken by dnsmasq (process 9) of network my net, which is active',
        hint: "choose another subnet, or stop that network: kvmnet net stop 'my net'",
      });
    });

    it.each([
      ['of another address', holder({ address: '192.168.122.1' })],
      ['of another link', holder({ device: 'virbr0' })],
      ['that is another', holder({ port: 5353 })],
      ['of DHCP, by the dnsmasq of another network', holder({ port: 67, process: { name: 'dnsmasq', pid: 9 } })],
    ])('but not one %s', (_, listener) => {
      expect(cause({ listeners: [listener] })).toBeUndefined();
    });

    it('but not one that the network does not serve', () => {
      const network = parseNetwork(definition(`<dns enable='no'/>`));
      expect(cause({ network, listeners: [holder({})] })).toBeUndefined();
    });
  });

  it('is a subnet that others have, where nothing plainer is in the way', () => {
    const overlaps = [{ message: 'it overlaps the route', hint: 'choose another' }];
    expect(causeOfFailedStart({ ...clear, overlaps })).toEqual(overlaps[0]);
    expect(cause({ overlaps, listeners: [holder({})] })).toContain('port 53');
  });

  it('is a firewall that is missing, unless the network needs none', () => {
    const isInstalled = (program: string): boolean => program === 'dnsmasq';
    expect(cause({ isInstalled })).toContain('neither iptables nor nft is installed');
    const open = parseNetwork(definition().replace('nat', 'open'));
    expect(cause({ isInstalled, network: open })).toBeUndefined();
  });

  it('is not looked for where libvirt makes no bridge', () => {
    const network = parseNetwork(`<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`);
    const links = [{ name: 'br0', kind: 'bridge', type: 'ether', mac }];
    expect(cause({ network, links, isInstalled: () => false })).toBeUndefined();
  });
});
