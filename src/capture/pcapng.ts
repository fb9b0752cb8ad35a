/** Writes pcapng: one section, an interface block for each hop, and packets. @see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html */
import type { Packet } from './pcap.ts';

export interface CaptureInterface {
  /** Wireshark shows it with each packet. */
  readonly name: string;
  readonly linkType: number;
  readonly snapLength: number;
}

const blocks = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const options = { end: 0, application: 4, name: 2, resolution: 9 } as const;

/** The beginning of a file. */
export function sectionBlock(application: string): Uint8Array {
  // Byte order, version 1.0, and a length that is not known yet.
  const fixed = [...uint32(0x1a2b3c4d), ...uint16(1), ...uint16(0), ...uint32(0xffffffff), ...uint32(0xffffffff)];
  return block(blocks.section, [...fixed, ...option(options.application, text(application)), ...uint32(options.end)]);
}

/** The first interface block of a file is interface 0, the next one 1, … Times are nanoseconds. */
export function interfaceBlock({ name, linkType, snapLength }: CaptureInterface): Uint8Array {
  const fixed = [...uint16(linkType), ...uint16(0), ...uint32(snapLength)];
  const named = [...option(options.name, text(name)), ...option(options.resolution, [9])];
  return block(blocks.interface, [...fixed, ...named, ...uint32(options.end)]);
}

export function packetBlock(interfaceNumber: number, { time, bytes, length }: Packet): Uint8Array {
  const high = Number(time >> 32n);
  const low = Number(time & 0xffffffffn);
  return block(
    blocks.packet,
    [interfaceNumber, high, low, bytes.length, length].flatMap((each) => uint32(each)),
    bytes,
  );
}

/** A block has its length at both ends; its content is a multiple of four bytes. */
function block(type: number, fixed: readonly number[], bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const padded = (bytes.length + 3) & ~3;
  const length = 12 + fixed.length + padded;
  const result = new Uint8Array(length);
  result.set([...uint32(type), ...uint32(length), ...fixed]);
  result.set(bytes, 8 + fixed.length);
  result.set(uint32(length), length - 4);
  return result;
}

function option(code: number, value: readonly number[]): readonly number[] {
  const padding = Array.from({ length: -value.length & 3 }, () => 0);
  return [...uint16(code), ...uint16(value.length), ...value, ...padding];
}

function text(value: string): readonly number[] {
  return [...new TextEncoder().encode(value)];
}

function uint16(value: number): readonly number[] {
  return [value & 0xff, (value >> 8) & 0xff];
}

function uint32(value: number): readonly number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff];
}
