import { describe, expect, it } from '@jest/globals';
import { interfaceBlock, packetBlock, sectionBlock } from '../../../src/capture/pcapng.ts';
import { readPcapng } from '../../helpers/pcapng.ts';
import { ipv4Frame } from './packets.ts';

describe('a pcapng file', () => {
  it('has an interface for each device, with its name, and packets with their interface', () => {
    const named = (name: string): Uint8Array => interfaceBlock({ name, linkType: 1, snapLength: 262_144 });
    const bytes = ipv4Frame({ padding: 3 });
    const packet = { time: 1_796_022_959_963_321_914n, bytes, length: bytes.length };
    const blocks = [sectionBlock('kvmnet'), named('vnet1'), named('brvlan-10'), packetBlock(1, packet)];
    expect(readPcapng(Buffer.concat(blocks))).toEqual({ interfaces: ['vnet1', 'brvlan-10'], packets: [0, 1] });
  });

  it('has times of nanoseconds in two halves', () => {
    const block = Buffer.from(packetBlock(0, { time: 0x1_0000_0002n, bytes: Uint8Array.of(7), length: 9 }));
    expect(block.toString('hex')).toBe(
      ['06000000', '24000000', '00000000', '01000000', '02000000', '01000000', '09000000', '07000000', '24000000'].join(
        '',
      ),
    );
  });
});
