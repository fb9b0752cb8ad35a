import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ethernet, readFrame } from '../../../src/capture/frame.ts';
import { arpRequest, echo, ipv4Frame, tcp } from './packets.ts';

const read = (bytes: Uint8Array) => readFrame(bytes, ethernet);

describe('a frame', () => {
  it('is described with its ends and its VLANs', () => {
    expect(read(ipv4Frame({ vlans: [10] }))).toMatchObject({
      ...{ vlans: [10], source: '192.168.100.10', destination: '192.168.100.40', what: 'icmp echo request, seq 1' },
    });
    expect(read(arpRequest)).toMatchObject({ what: 'arp who-has 192.168.100.40 from 192.168.100.10' });
    expect(read(ipv4Frame({ protocol: 6, payload: tcp(40000, 80, 2) })).what).toBe('tcp 40000 > 80 [S], 2 bytes');
    expect(read(ipv4Frame({ protocol: 17, payload: [0, 68, 0, 67, 0, 10, 0, 0, 1, 1] })).what).toBe(
      'udp 68 > 67, 2 bytes',
    );
  });

  it('of IPv6 is described with short addresses', () => {
    const head = [0x33, 0x33, 0, 0, 0, 1, 0x52, 0x54, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, 58, 255];
    const source = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const destination = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    const frame = read(Uint8Array.from([...head, ...source, ...destination, 133, 0, 1, 1, 0, 0, 0, 0]));
    expect(frame).toMatchObject({ source: 'fe80::1', destination: 'ff02::2', what: 'icmp6 router solicitation' });
  });

  it('is the same packet with another TTL, other checksums, another VLAN tag and padding', () => {
    const { key } = read(ipv4Frame());
    const changed = { ttl: 63, checksum: 7, vlans: [10], payload: echo(1, 0x9999), padding: 10 };
    expect(read(ipv4Frame(changed)).key).toBe(key);
    expect(read(ipv4Frame({ payload: echo(2) })).key).not.toBe(key);
    expect(read(ipv4Frame({ destination: '192.168.100.50' })).key).not.toBe(key);
  });

  it('has another key, and the same one for NAT, with other addresses and ports', () => {
    const before = read(ipv4Frame({ protocol: 6, payload: tcp(40000, 80, 2, 1) }));
    const after = read(ipv4Frame({ protocol: 6, payload: tcp(1024, 80, 2, 2), source: '203.0.113.2', ttl: 63 }));
    expect(after.key).not.toBe(before.key);
    expect(after.natKey).toBe(before.natKey);
  });

  it('of any bytes and of any length is described', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(1, 12, 101, 113), (bytes, linkType) => {
        const { what, key, source } = readFrame(bytes, linkType);
        // Nothing that a guest sends reaches a terminal as a control character.
        expect(`${what}${source}`).toMatch(/^[ -~]*$/);
        expect(key).not.toBe('');
      }),
    );
    for (let length = 0; length < 60; length += 1) expect(read(ipv4Frame().subarray(0, length)).what).not.toBe('');
  });
});
