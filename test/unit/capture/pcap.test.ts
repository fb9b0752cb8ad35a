import { describe, expect, it } from '@jest/globals';
import { PcapReader } from '../../../src/capture/pcap.ts';
import { ipv4Frame } from './packets.ts';

interface Format {
  readonly isLittle: boolean;
  readonly magic: number;
}

function pcap({ isLittle, magic }: Format, packets: readonly (readonly [number, number, Uint8Array])[]): Uint8Array {
  const bytes = new Uint8Array(24 + packets.reduce((sum, [, , packet]) => sum + 16 + packet.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, isLittle);
  view.setUint32(16, 262_144, isLittle);
  view.setUint32(20, 1, isLittle);
  let at = 24;
  for (const [seconds, fraction, packet] of packets) {
    [seconds, fraction, packet.length, packet.length + 4].forEach((value, index) => {
      view.setUint32(at + index * 4, value, isLittle);
    });
    bytes.set(packet, at + 16);
    at += 16 + packet.length;
  }
  return bytes;
}

const frame = ipv4Frame();

describe('a stream of pcap', () => {
  it.each([
    ['microseconds, little-endian', { isLittle: true, magic: 0xa1b2c3d4 }, 1_000_005_000n],
    ['microseconds, big-endian', { isLittle: false, magic: 0xa1b2c3d4 }, 1_000_005_000n],
    ['nanoseconds, little-endian', { isLittle: true, magic: 0xa1b23c4d }, 1_000_000_005n],
    ['nanoseconds, big-endian', { isLittle: false, magic: 0xa1b23c4d }, 1_000_000_005n],
  ] as const)('with %s is read', (_name, format, time) => {
    const reader = new PcapReader();
    expect(reader.push(pcap(format, [[1, 5, frame]]))).toEqual([{ time, bytes: frame, length: frame.length + 4 }]);
    expect(reader.linkType).toBe(1);
  });

  it('is read from pieces of any length', () => {
    const whole = pcap({ isLittle: true, magic: 0xa1b23c4d }, [
      [1, 5, frame],
      [2, 6, frame],
    ]);
    for (const size of [1, 7, 24, 41]) {
      const reader = new PcapReader();
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
        whole.slice(index * size, (index + 1) * size),
      );
      expect(pieces.flatMap((piece) => reader.push(piece)).map(({ time }) => time)).toEqual([
        1_000_000_005n,
        2_000_000_006n,
      ]);
    }
  });

  it('is refused where it is none, or has a packet that is too long', () => {
    const refusal = 'tcpdump printed something that is not pcap';
    expect(() => new PcapReader().push(new TextEncoder().encode('Usage: tcpdump [-AbdDefhH'))).toThrow(refusal);
    const broken = pcap({ isLittle: true, magic: 0xa1b23c4d }, [[1, 5, frame]]);
    new DataView(broken.buffer).setUint32(32, 300_000, true);
    expect(() => new PcapReader().push(broken)).toThrow(`${refusal}: a packet has 300000 bytes`);
  });
});
