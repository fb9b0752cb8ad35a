import { describe, expect, it } from '@jest/globals';
import { parseIptablesSave } from '../../../../src/firewall/iptables.ts';
import { natPath } from '../../../../src/firewall/nat-files.ts';
import { planForwardRemove } from '../../../../src/plan/nat/forward.ts';
import { refusal } from '../net-create.ts';
import { add, facts, state } from './facts.ts';

describe('forward add', () => {
  it('reserves the leased address of a guest, writes the files and loads the rules', () => {
    const { forwards, steps, warnings, consent } = add('8080', 'VM1:80');
    expect(forwards).toEqual([
      {
        ...{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080] },
        target: {
          ...{ address: '192.168.122.50', port: 80, domain: 'VM1', mac: '52:54:00:00:00:01', network: 'default' },
          ...{ reserved: true, subnet: '192.168.122.0/24', dev: 'virbr0' },
        },
      },
    ]);
    expect(steps.map(({ title }) => title)).toEqual([
      'reserve 192.168.122.50 for 52:54:00:00:00:01 in network default',
      'write /etc/kvmnet/nat.json',
      'write /etc/kvmnet/nat.iptables',
      'write /etc/kvmnet/nat.devices',
      'write /etc/libvirt/hooks/network.d/kvmnet',
      'write /etc/systemd/system/kvmnet-nat.service',
      'write /etc/systemd/system/multi-user.target.wants/kvmnet-nat.service',
      'set net.ipv4.conf.virbr0.route_localnet to 1',
      'load the rules with iptables',
    ]);
    expect(consent).toEqual([]);
    expect(warnings).toEqual([]);
    expect(add('80', 'VM3').warnings).toEqual([expect.stringMatching(/^VM3 .*192\.168\.122\.4/)]);
  });

  it('keeps the reservation that a guest has, and takes a free address outside of the ranges for one without a lease', () => {
    expect(add('80', 'VM2').forwards[0]?.target).toMatchObject({ address: '192.168.122.77', port: 80 });
    expect(add('80', 'VM2').forwards[0]?.target).not.toHaveProperty('reserved');
    // The range has all addresses but the gateway's: the first free one in it, without the addresses of the host's neighbors.
    expect(add('80', 'VM3').forwards[0]?.target).toMatchObject({ address: '192.168.122.4', reserved: true });
  });

  it('forwards to an address behind the host that is not a guest of libvirt', () => {
    expect(add('192.0.2.1%eth0:80', '192.168.3.10:10080').forwards).toEqual([
      {
        ...{ family: 'ipv4', protocol: 'tcp', listen: ['192.0.2.1'], dev: 'eth0', ports: [80, 80] },
        target: { address: '192.168.3.10', port: 10080, subnet: '192.168.3.0/24', dev: 'br3' },
      },
    ]);
  });

  it('asks before the host starts to forward packets', () => {
    expect(add('80', 'VM2', { sysctls: { 'net.ipv4.ip_forward': '0' } }).consent).toEqual([
      'net.ipv4.ip_forward is off: the host starts to forward packets between all of its networks',
    ]);
  });

  it('keeps the default route that a router advertises, where the host starts to forward IPv6', () => {
    const sysctls = { 'net.ipv6.conf.all.forwarding': '0', 'net.ipv6.conf.eth0/10.accept_ra': '1' };
    const plan = add('[2001:db8::1]:80', '2001:db8:3::10', { sysctls });
    expect(plan.consent).toEqual([
      'net.ipv6.conf.all.forwarding is off: the host starts to forward packets between all of its networks',
      'net.ipv6.conf.eth0/10.accept_ra becomes 2: otherwise a host that forwards packets loses the default route that its router advertises',
    ]);
    const settings = plan.steps.filter((step) => step.do.call === 'hostSysctl');
    expect(settings.map((step) => [step.title, step.undo])).toEqual([
      [
        'set net.ipv6.conf.eth0/10.accept_ra to 2',
        [{ call: 'hostSysctl', name: 'net.ipv6.conf.eth0/10.accept_ra', value: '1' }],
      ],
      [
        'set net.ipv6.conf.all.forwarding to 1',
        [{ call: 'hostSysctl', name: 'net.ipv6.conf.all.forwarding', value: '0' }],
      ],
    ]);
    // One that does not listen to routers, or already does in any case, stays as it is.
    for (const value of ['0', '2']) {
      const given = { sysctls: { ...sysctls, 'net.ipv6.conf.eth0/10.accept_ra': value } };
      expect(add('[2001:db8::1]:80', '2001:db8:3::10', given).consent).toHaveLength(1);
    }
    expect(add('80', 'VM2', { sysctls: { ...facts.sysctls, ...sysctls } }).consent).toEqual([]);
  });

  it('has nothing to add for a forward that exists, but loads rules that are missing', () => {
    const rules = { forwards: add('80', 'VM2').forwards, sources: [] };
    const titles = add('80', 'VM2', { rules }).steps.map(({ title }) => title);
    expect(titles).toContain('load the rules with iptables');
    const files = new Map(
      add('80', 'VM2').steps.flatMap((step) =>
        step.do.call === 'hostWriteFile' ? [[step.do.path, { text: step.do.text ?? '', mode: 0o600 }] as const] : [],
      ),
    );
    expect(add('80', 'VM2', { rules, files, sysctls: {} }).steps.map(({ title }) => title)).toEqual([
      'load the rules with iptables',
    ]);
  });

  const docker = parseIptablesSave(
    '*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A DOCKER ! -i docker0 -p tcp -m tcp --dport 9000 -j DNAT --to-destination 172.17.0.2:80\nCOMMIT\n',
    'ip',
  );

  it.each([
    ['a port that a process listens on', '22', 'VM2', 'sshd (process 7) listens on port 22/tcp of this host'],
    ['a range with such a port', '20-25', 'VM2', 'sshd (process 7) listens on port 22/tcp of this host'],
    [
      'a port that docker publishes',
      ...(['9000', 'VM2'] as const),
      'port 9000/tcp is forwarded by another program already: iptables table ip nat, chain DOCKER, rule ! -i docker0 -p tcp -m tcp --dport 9000 -j DNAT --to-destination 172.17.0.2:80',
    ],
    ['a port of another forward', '8000', 'VM2', '7000-8000/tcp is forwarded to VM2 (192.168.122.77:7000) already'],
    ['an address outside of every network', '80', '10.1.2.3', '10.1.2.3 is outside every network of this host'],
    ['an address of the host', '80', '192.168.3.1', '192.168.3.1 is an address of this host, on br3'],
    ['a guest that does not exist', '80', 'VM9', 'no domain "VM9"'],
    [
      'a guest with two addresses',
      '80',
      'two',
      'two has 2 addresses: in default (52:54:00:00:00:04), default (52:54:00:00:00:05)',
    ],
    [
      'a guest without an address of libvirt',
      '80',
      'bridged',
      "bridged has no NIC in a network with addresses of libvirt's",
    ],
    [
      'IPv6 to IPv4',
      '[2001:db8::1]:80',
      '192.168.3.10',
      '192.168.3.10 is not of the family that connections arrive by',
    ],
    [
      'IPv6 to a guest with IPv4',
      '[2001:db8::1]:80',
      'VM2',
      "VM2 has no NIC in a network with IPv6 addresses of libvirt's",
    ],
    ['a device that does not exist', 'eth9:80', 'VM2', 'no device eth9 on the host'],
    ['ports that would end above 65535', '100-200', 'VM2:65500', '100-200: the last port at the target would be 65600'],
    [
      'thousands of ports that get other numbers',
      '10000-12000',
      'VM2:20000',
      '10000-12000 has 2001 ports that get other numbers, more than 1000',
    ],
  ])('refuses %s', (_what, port, target, message) => {
    const forwards = add('7000-8000', 'VM2').forwards;
    const given = { tables: docker, rules: { forwards, sources: [] } };
    expect(refusal(() => add(port, target, given)).message).toBe(message);
  });

  it('does not take two devices or two addresses for a conflict', () => {
    const forwards = add('192.0.2.1:80', 'VM2').forwards;
    const rules = { forwards, sources: [] };
    expect(add('192.0.2.2:80', 'VM1', { rules }).forwards).toHaveLength(1);
    expect(
      add('eth0:81', 'VM1', { rules: { forwards: add('br3:81', 'VM2').forwards, sources: [] } }).forwards,
    ).toHaveLength(1);
    expect(refusal(() => add('80', 'VM1', { rules })).code).toBe('CONFLICT');
  });
});

describe('forward remove', () => {
  const both = [...add('8080', 'VM1:80').forwards, ...add('eth0:90-99', 'VM2').forwards];
  const rules = { forwards: both, sources: [] };
  const files = new Map([[natPath, { text: 'old', mode: 0o600 }]]);
  const remove = (...typed: readonly string[]) => planForwardRemove(typed, { ...facts, rules, files }, state);

  it('names forwards as forward list shows them, and less of them where that is enough', () => {
    expect(remove('8080').forwards).toEqual([both[0]]);
    expect(remove('8080/tcp').forwards).toEqual([both[0]]);
    expect(remove('90-99', '8080').forwards).toEqual([both[1], both[0]]);
    expect(remove('eth0:90-99').forwards).toEqual([both[1]]);
  });

  it('releases the reservations that were made for them, and no others', () => {
    expect(remove('8080').steps.map(({ title }) => title)).not.toContain('remove /etc/kvmnet/nat.json');
    expect(remove('90-99').steps.filter((step) => step.do.call === 'networkUpdate')).toEqual([]);
  });

  it('removes the files with the last one', () => {
    expect(remove('8080', '90-99').steps[0]).toMatchObject({
      title: 'remove /etc/kvmnet/nat.json',
      do: { text: null },
    });
  });

  it('lists the forwards where none matches', () => {
    for (const typed of ['8081', '8080/udp', 'eth1:90-99', '90']) {
      const { code, message, hint } = refusal(() => remove(typed));
      expect({ code, message, hint }).toEqual({
        code: 'NOTFOUND',
        message: `no forward ${typed}`,
        hint: 'this host has 8080/tcp to VM1 (192.168.122.50:80), eth0:90-99/tcp to VM2 (192.168.122.77:90)',
      });
    }
  });
});
