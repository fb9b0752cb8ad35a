import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KvmnetError } from '../../../../src/errors.ts';
import { formatIp, parseIp, parseRange } from '../../../../src/values/address.ts';
import { parseDnsHost, parseDomainName, parseHostName } from '../../../../src/values/dns.ts';
import { invalid, show } from '../../../../src/values/invalid.ts';
import { parseMac, parseNicMac } from '../../../../src/values/mac.ts';
import {
  isUuidShaped,
  parseDeviceName,
  parseTemplateName,
  parseTitle,
  parseZone,
} from '../../../../src/values/name.ts';
import { parseInteger, parseLease, parsePortRange } from '../../../../src/values/number.ts';
import { isDuid, parseReservation } from '../../../../src/values/reservation.ts';
import {
  formatSubnet,
  lastOf,
  overlap,
  parseCidr,
  parseNetmask,
  parseSubnet,
  within,
} from '../../../../src/values/subnet.ts';
import { dhcpRanges, isPublic, requireUsableSubnet } from '../../../../src/values/usable-subnet.ts';

function refused(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof KvmnetError) return error.message;
    throw error;
  }
  return 'it was accepted';
}

const ipv4 = fc.bigInt(0n, 2n ** 32n - 1n).map((value) => ({ family: 'ipv4', value }) as const);
const ipv6 = fc.bigInt(0n, 2n ** 128n - 1n).map((value) => ({ family: 'ipv6', value }) as const);

describe('an address', () => {
  it('is written and read back the same', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (ip) => {
        expect(parseIp(formatIp(ip), 'x')).toEqual(ip);
      }),
    );
  });

  it.each([
    ['fd00:0:0:1::0:5', 'fd00:0:0:1::5'],
    ['FD00::A', 'fd00::a'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['0.0.0.0', '0.0.0.0'],
    ['192.168.132.1', '192.168.132.1'],
  ])('%s is canonically %s', (text, canonical) => {
    expect(formatIp(parseIp(text, 'x'))).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.04',
    '1.2.3.4 ',
    '+1.2.3.4',
    '１.2.3.4',
    ':::',
    'fd00::1::2',
    'fd00::g',
    '[fd00::1]',
    'fd00::1%eth0',
    '1e1.0.0.0',
  ])('is not %j', (text) => {
    expect(refused(() => parseIp(text, '--gateway'))).toMatch(/^--gateway /);
  });
});

describe('a subnet', () => {
  it('is written and read back the same, and holds its first and last address', () => {
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 0, max: 32 }), (ip, prefix) => {
        const { subnet } = parseCidr(`${formatIp(ip)}/${prefix}`, 'x');
        expect(parseSubnet(formatSubnet(subnet), 'x')).toEqual(subnet);
        expect(subnet.first <= ip.value && ip.value <= lastOf(subnet)).toBe(true);
      }),
    );
  });

  it('overlaps another exactly where one is within the other', () => {
    const any = fc
      .tuple(ipv4, fc.integer({ min: 0, max: 32 }))
      .map(([ip, prefix]) => parseCidr(`${formatIp(ip)}/${prefix}`, 'x').subnet);
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(overlap(a, b)).toBe(within(a, b) || within(b, a));
      }),
    );
  });

  it.each([
    ['255.255.255.0', 24],
    ['255.255.255.255', 32],
    ['255.128.0.0', 9],
    ['0.0.0.0', 0],
  ])('has the netmask %s for /%i', (mask, prefix) => {
    expect(parseNetmask(mask, 'x')).toBe(prefix);
  });

  it.each([
    ['8.8.8.0/24', true],
    ['172.32.0.0/16', true],
    ['2a00::/64', true],
    ['100.64.0.0/24', false],
    ['192.0.2.0/24', false],
    ['2001:db8::/64', false],
    ['fd12::/64', false],
  ])('%s is public: %s', (text, expected) => {
    expect(isPublic(parseSubnet(text, 'x'))).toBe(expected);
  });

  it('of 16 bits of IPv6 has its DHCP range in what libvirt takes', () => {
    const [range] = dhcpRanges(parseSubnet('fd00::/64', 'x'), parseIp('fd00::1', 'x'));
    expect(range === undefined ? '' : `${formatIp(range.start)}-${formatIp(range.end)}`).toBe('fd00::2-fd00::fffe');
  });

  it.each(['10.0.0.0/8', '192.168.132.0/30', 'fd00:1:2:3::/64', '2001:470::/48'])('%s is usable', (text) => {
    expect(refused(() => requireUsableSubnet(parseSubnet(text, 'x'), '--nat'))).toBe('it was accepted');
  });
});

describe('other values', () => {
  it.each([
    ['52-54-00-AB-CD-EF', '52:54:00:ab:cd:ef'],
    ['52:54:00:ab:cd:ef', '52:54:00:ab:cd:ef'],
  ])('the MAC address %s is %s', (text, mac) => {
    expect(parseMac(text, '--mac')).toBe(mac);
  });

  it('a guest’s MAC address does not start with fe, a bridge’s may', () => {
    expect(parseMac('fe:54:00:00:00:01', '--mac')).toBe('fe:54:00:00:00:01');
    expect(refused(() => parseNicMac('fe:54:00:00:00:01', '--mac'))).toContain('start with fe');
  });

  it.each([
    ['24h', 24, 'hours'],
    ['90m', 90, 'minutes'],
    ['2d', 48, 'hours'],
    ['1w', 168, 'hours'],
    ['120s', 2, 'minutes'],
    ['125s', 125, 'seconds'],
    ['infinite', 0, 'minutes'],
  ])('the lease %s is %i %s', (text, expiry, unit) => {
    expect(parseLease(text, '--lease')).toEqual({ expiry, unit });
  });

  it.each(['119s', '0h', '1.5h', 'h', '24H', '24 h', '4294967295s', '-2h', '002h'])('%j is not a lease', (text) => {
    expect(refused(() => parseLease(text, '--lease'))).toMatch(/^--lease /);
  });

  it('numbers are decimal and exact', () => {
    const bounds = { min: 0, max: 10, what: 'a number', example: '1' };
    expect(['0', '7', '10'].map((text) => parseInteger(text, 'x', bounds))).toEqual([0, 7, 10]);
    for (const text of ['', ' 7', '7 ', '07', '+7', '-0', '1e1', '0x7', '7.0', '11', '٧']) {
      expect(refused(() => parseInteger(text, 'x', bounds))).toContain('a number is a number from 0 to 10');
    }
  });

  it('ranges of ports and addresses are read whole', () => {
    expect(parsePortRange('1024-65535', 'x')).toEqual({ start: 1024, end: 65535 });
    const { start, end } = parseRange('fd00::2-fd00::9', 'x');
    expect([formatIp(start), formatIp(end)]).toEqual(['fd00::2', 'fd00::9']);
    expect(refused(() => parseRange('10.0.0.2-10.0.0.9-10.0.0.20', 'x'))).toContain('START-END');
  });

  it('reservations are of a MAC in IPv4, of a DUID or name in IPv6', () => {
    expect(parseReservation('52:54:00:00:00:01=10.0.0.9,vm1', 'x')).toMatchObject({
      mac: '52:54:00:00:00:01',
      name: 'vm1',
    });
    expect(parseReservation('00:04:58:FD:e4:15:1b:49=fd00::9,vm1', 'x')).toMatchObject({
      id: '00:04:58:fd:e4:15:1b:49',
      name: 'vm1',
    });
    expect(parseReservation('vm1=fd00::9', 'x')).toMatchObject({ name: 'vm1' });
    expect(refused(() => parseReservation('vm1=10.0.0.9', 'x'))).toContain('MAC address vm1');
  });

  it.each([
    ['00:01:00:01:2b:3c:4d:5e:52:54:00:12:34:56', true],
    ['0:3:0:1:52:54:00:12:34:56', true],
    ['00:05:00:01:52:54:00:12:34:56', false],
    ['52:54:00:12:34:56', false],
    ['00:04', false],
  ])('whether %s is a DUID: %s', (text, expected) => {
    expect(isDuid(text)).toBe(expected);
  });

  it('names follow RFC 1035, and host names take inner underscores', () => {
    expect(parseDomainName('a-1.keen.example', 'x')).toBe('a-1.keen.example');
    expect(parseHostName('vm_1', 'x')).toBe('vm_1');
    expect(parseDnsHost('www=10.0.0.1', 'x')).toEqual({ hostname: 'www', ip: parseIp('10.0.0.1', 'x') });
    for (const text of ['a_b', 'a.', '.a', 'a..b', '-a', 'a-', 'ä.example', 'a\nb']) {
      expect(refused(() => parseDomainName(text, '--domain'))).toMatch(/^--domain /);
    }
    for (const text of ['_vm', 'vm_', 'vm__1', '1vm', ''])
      expect(refused(() => parseHostName(text, 'x'))).not.toBe('it was accepted');
  });

  it.each(['eth0', 'enp1s0f0', 'eth0.10', 'br-1a2b', 'wlp2s0', '_x', 'a'.repeat(15)])(
    '%s may be the name of an interface',
    (name) => {
      expect(parseDeviceName(name, '--dev')).toBe(name);
    },
  );

  it.each(['../../etc/x', '/abs/path', '.hidden', 'Keennet', 'a b', '', 'x'.repeat(65)])(
    '%j is not a template name',
    (name) => {
      expect(refused(() => parseTemplateName(name))).toMatch(/^--template /);
    },
  );

  it('titles and zones are one line', () => {
    expect(parseTitle('Netz der Fakultät 🐧', 'x')).toBe('Netz der Fakultät 🐧');
    for (const text of ['', ' ', 'a\nb', 'a\u202eb', 'x'.repeat(201)])
      expect(refused(() => parseTitle(text, '--title'))).toMatch(/^--title /);
    expect(parseZone('work_2', 'x')).toBe('work_2');
  });

  it.each([
    ['c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e', true],
    ['C4A1B9AB2F9B4CC58A589F6A4F8F8B0E', true],
    ['c4a1b9ab-2f9b-4cc5-8a58', false],
  ])('%s has the form of a UUID: %s', (text, expected) => {
    expect(isUuidShaped(text)).toBe(expected);
  });
});

describe('a value in a message', () => {
  it.each([
    ['192.168.1.0/24', '192.168.1.0/24'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a"b', '"a\\"b"'],
    ['a\u001b[31mb', '"a\\u001b[31mb"'],
    ['a\u009bb', '"a\\u{9b}b"'],
    ['a\u202eb', '"a\\u{202e}b"'],
    ['a\u00a0b', '"a\\u{a0}b"'],
    ['Fakultät', '"Fakultät"'],
    ['x'.repeat(61), `${'x'.repeat(60)}…`],
  ])('%j is shown as %s', (value, shown) => {
    expect(show(value)).toBe(shown);
  });

  it('never holds what a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(show(value)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });

  it('comes with an example as it would be typed', () => {
    expect(invalid('--nat', 'x', 'no', '10.0.0.0/24').hint).toBe('for example --nat 10.0.0.0/24');
    expect(invalid('ip[0].address', 'x', 'no', '10.0.0.1').hint).toBe('for example 10.0.0.1');
  });
});
