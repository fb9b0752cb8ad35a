import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { isIPv6 } from 'node:net';
import { parseIp } from '../../../src/values/address.ts';

const address = fc.ipV6();
const mangled = fc
  .tuple(
    address,
    fc.nat(40),
    fc.constantFrom(':', '::', '0', 'g', '.', '1.2.3.4', ']', '/', '@', ' ', '\t', '%eth0', ''),
  )
  .map(([text, place, sign]) => text.slice(0, place) + sign + text.slice(place + 1));

const valueOf = (text: string): bigint | undefined => {
  try {
    return parseIp(text).value;
  } catch {
    return undefined;
  }
};

describe('an IPv6 address', () => {
  it('is what node:net takes for one, and has the bits that ipaddr.js gives it', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(address, mangled), (text) => {
        // ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4.
        if (!text.includes(':') || /^::[\d.]+$/.test(text)) return;
        const isOne = isIPv6(text) && !text.includes('%');
        if (!isOne) refused += 1;
        const bytes = isOne ? ipaddr.IPv6.parse(text).toByteArray() : [];
        expect(valueOf(text)).toBe(isOne ? bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) : undefined);
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(valueOf('::1.2.3.4')).toBe(0x01020304n);
  });
});
