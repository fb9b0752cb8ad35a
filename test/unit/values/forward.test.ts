import { describe, expect, it } from '@jest/globals';
import { parseForwardFile } from '../../../src/values/forward-file.ts';
import { formatArrival, formatEndpoint, parseArrival, parseTarget } from '../../../src/values/forward.ts';
import { formatIp } from '../../../src/values/address.ts';
import { refusal } from '../plan/net-create.ts';

describe('where connections arrive', () => {
  it.each([
    ['80', { listen: [], ports: [80, 80] }],
    ['8000-8010/udp', { listen: [], ports: [8000, 8010], protocol: 'udp' }],
    ['eth0:80', { listen: [], dev: 'eth0', ports: [80, 80] }],
    ['192.0.2.1:80', { listen: ['192.0.2.1'], ports: [80, 80] }],
    ['192.0.2.1,192.0.2.2%eth0.10:80', { listen: ['192.0.2.1', '192.0.2.2'], dev: 'eth0.10', ports: [80, 80] }],
    ['[2001:db8::1]:443/tcp', { listen: ['2001:db8::1'], ports: [443, 443], protocol: 'tcp' }],
  ])('is read from %s, and written so again', (text, expected) => {
    const { listen, ...rest } = parseArrival(text);
    expect({ listen: listen.map(formatIp), ...rest }).toEqual(expected);
    expect(formatArrival(parseArrival(text)).replaceAll(/(?<=,)\[|\](?=,)/g, '')).toBe(text);
  });

  it.each([
    ['', 'PORT "": the port is missing'],
    ['0', 'PORT 0: a port is a number from 1 to 65535'],
    ['70000', 'PORT 70000: a port is a number from 1 to 65535'],
    ['-1', 'PORT -1: a range of ports is FIRST-LAST'],
    ['080', 'PORT 080: a port is a number from 1 to 65535'],
    ['80-', 'PORT 80-: a range of ports is FIRST-LAST'],
    ['http', 'PORT http: a port is a number from 1 to 65535'],
    ['90-80', 'PORT 90-80: the range ends before it starts'],
    ['80-90-99', 'PORT 80-90-99: a range of ports is FIRST-LAST'],
    ['80/icmp', 'PORT 80/icmp: protocol icmp: a forward is of tcp or udp'],
    ['80/', 'PORT 80/: protocol "": a forward is of tcp or udp'],
    ['eth0:', 'PORT eth0:: the port is missing'],
    ['192.0.2.1:', 'PORT 192.0.2.1:: the port is missing'],
    ['192.0.2.300:80', 'PORT 192.0.2.300:80: LISTEN 192.0.2.300: 300 is more than 255'],
    ['0.0.0.0:80', 'PORT 0.0.0.0:80: LISTEN 0.0.0.0: 0.0.0.0 means every address'],
    ['[::]:80', 'PORT [::]:80: LISTEN [::]: :: means every address'],
    ['2001:db8::1:80', 'PORT 2001:db8::1:80: LISTEN 2001:db8::1: an IPv6 address needs brackets'],
    ['[2001:db8::g]:80', 'PORT [2001:db8::g]:80: LISTEN 2001:db8::g: this is not an IPv6 address'],
    [
      '192.0.2.1,[2001:db8::1]:80',
      'PORT 192.0.2.1,[2001:db8::1]:80: LISTEN 192.0.2.1,[2001:db8::1]: its addresses are of IPv4 and of IPv6',
    ],
    ['192.0.2.1%eth0%eth1:80', 'PORT 192.0.2.1%eth0%eth1:80: LISTEN 192.0.2.1%eth0%eth1: it has two devices'],
    ['192.0.2.1%:80', 'PORT 192.0.2.1%:80: LISTEN ""'],
    ['a-name-that-is-too-long:80', 'PORT a-name-that-is-too-long:80: LISTEN a-name-that-is-too-long'],
    ['80;reboot', 'PORT 80;reboot: a port is a number from 1 to 65535'],
  ])('is refused if it is %j', (text, message) => {
    const { code, message: found } = refusal(() => parseArrival(text));
    expect({ code, message: found.slice(0, message.length) }).toEqual({ code: 'INPUT', message });
  });
});

describe('the target of a forward', () => {
  it.each([
    ['VM1', 'VM1', undefined],
    ['VM1:80', 'VM1', 80],
    ['vm:x:80', 'vm:x', 80],
    ['192.168.3.10', '192.168.3.10', undefined],
    ['192.168.3.10:10080', '192.168.3.10', 10080],
    ['fd00::10', 'fd00::10', undefined],
    ['[fd00::10]:80', 'fd00::10', 80],
    ['[fd00::10]', 'fd00::10', undefined],
  ])('is read from %s', (text, who, port) => {
    const target = parseTarget(text);
    expect([typeof target.who === 'string' ? target.who : formatIp(target.who), target.port]).toEqual([who, port]);
  });

  it.each([
    ['', 'TARGET "": the target is missing'],
    [':80', 'TARGET :80: the target is missing'],
    ['VM1:', 'TARGET VM1:: port "": a port is a number from 1 to 65535'],
    ['VM1:0', 'TARGET VM1:0: port 0: a port is a number from 1 to 65535'],
    ['VM1:65536', 'TARGET VM1:65536: port 65536: a port is a number from 1 to 65535'],
    ['VM1:80-90', 'TARGET VM1:80-90: port 80-90: a port is a number from 1 to 65535'],
    ['10.0.0.256:80', 'TARGET 10.0.0.256: 256 is more than 255'],
    ['10.0.0:80', 'TARGET 10.0.0: an IPv4 address is four numbers from 0 to 255'],
    ['[10.0.0.1:80', 'TARGET'],
    ['[fd00::zz]:80', 'TARGET fd00::zz: this is not an IPv6 address'],
  ])('is refused if it is %j', (text, message) => {
    const refuse = (): unknown => {
      const target = parseTarget(text);
      // A name is looked for among the guests, which have none such.
      if (typeof target.who === 'string' && text.startsWith('[')) throw refusal(() => parseTarget(''));
      return target;
    };
    expect(refusal(refuse).message.slice(0, message.length)).toBe(message);
  });

  it('has brackets around IPv6', () => {
    expect([formatEndpoint('fd00::1', 80), formatEndpoint('10.0.0.1', 80)]).toEqual(['[fd00::1]:80', '10.0.0.1:80']);
  });
});

describe('a file of forwards', () => {
  it('has lines of kvmnet, arrows, and rules of iptables', () => {
    const text = `# the web
8080 VM1:80
53/udp  192.168.3.10   # its name server

120.196.122.145:8888 -> 192.168.3.10:8080
-A PREROUTING -i eth0 -d 10.16.104.67 -p tcp --dport 80 -j DNAT --to-destination 192.168.3.10:10080
iptables -t nat -A PREROUTING -p udp -m udp --dport 5000:5010 -j DNAT --to-destination 192.168.3.10
-A POSTROUTING -s 192.168.3.0/24 -o eth0 -j SNAT --to-source 192.168.2.2
-A POSTROUTING -s 192.168.3.0/24 -o eth0 -j MASQUERADE
`;
    const forward = { kind: 'forward', protocol: undefined } as const;
    expect(parseForwardFile(text)).toEqual([
      { ...forward, arrival: '8080', target: 'VM1:80' },
      { ...forward, arrival: '53/udp', target: '192.168.3.10' },
      { ...forward, arrival: '120.196.122.145:8888', target: '192.168.3.10:8080' },
      { ...forward, arrival: '10.16.104.67%eth0:80', target: '192.168.3.10:10080', protocol: 'tcp' },
      { ...forward, arrival: '5000-5010', target: '192.168.3.10', protocol: 'udp' },
      { kind: 'source', subnet: '192.168.3.0/24', dev: 'eth0', to: '192.168.2.2' },
      { kind: 'source', subnet: '192.168.3.0/24', dev: 'eth0', to: 'masquerade' },
    ]);
  });

  it.each([
    ['8080', 'a line is [LISTEN:]PORT TARGET'],
    ['8080 VM1 80', 'a line is [LISTEN:]PORT TARGET'],
    [
      '\n-A PREROUTING -p tcp --dport 80 ! -s 10.0.0.1 -j DNAT --to-destination 10.0.0.2',
      'a negation is not taken over',
    ],
    [
      '-A PREROUTING -p tcp --dport 80 --tcp-flags SYN SYN -j DNAT --to-destination 10.0.0.2',
      '--tcp-flags is a condition that kvmnet does not take over',
    ],
    [
      '-A PREROUTING -p icmp -j DNAT --to-destination 10.0.0.2',
      'a rule with DNAT needs -p tcp or udp, --dport and --to-destination',
    ],
    [
      '-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
      'a rule of source NAT needs -s, -o and SNAT with --to-source, or MASQUERADE',
    ],
  ])('refuses %j, with the number of the line', (text, reason) => {
    const { code, message } = refusal(() => parseForwardFile(text));
    expect(code).toBe('INPUT');
    expect(message).toMatch(/^line \d+ /);
    expect(message.endsWith(`: ${reason}`)).toBe(true);
  });
});
