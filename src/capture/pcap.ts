/** A stream of pcap, as `tcpdump -w -` writes it. @see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html */
import { KvmnetError } from '../errors.ts';

export interface Packet {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  /** Its length on the wire; the bytes may be fewer. */
  readonly length: number;
}

/** The longest packet that is captured, in bytes: a device without a limit of its own has 64 KiB at most. tcpdump's memory is divided by it. */
export const snapLength = 65_536;

/** Magic numbers, read in big-endian order: the order of the other numbers, and the nanoseconds of a unit of time. */
const formats: Readonly<Record<number, { readonly isLittle: boolean; readonly unit: bigint }>> = {
  0xa1b2c3d4: { isLittle: false, unit: 1000n },
  0xd4c3b2a1: { isLittle: true, unit: 1000n },
  0xa1b23c4d: { isLittle: false, unit: 1n },
  0x4d3cb2a1: { isLittle: true, unit: 1n },
};

const [headerLength, recordLength] = [24, 16];

/** Parses pieces of a stream, each as it comes. */
export class PcapReader {
  #rest: Uint8Array = new Uint8Array();
  #format: (typeof formats)[number] | undefined;
  #linkType: number | undefined;

  /** LINKTYPE_… of the packets; undefined before the header is read. */
  get linkType(): number | undefined {
    return this.#linkType;
  }

  /**
   * The packets that this piece completes.
   * @throws BACKEND for what is not pcap
   */
  push(piece: Uint8Array): readonly Packet[] {
    const bytes = joined(this.#rest, piece);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = this.#format ? 0 : this.#readHeader(view);
    const packets: Packet[] = [];
    for (;;) {
      const read = this.#format && readRecord(bytes, view, offset, this.#format);
      if (!read) break;
      packets.push(read);
      offset += recordLength + read.bytes.length;
    }
    this.#rest = bytes.slice(offset);
    return packets;
  }

  /** Returns the number of bytes that it has taken. */
  #readHeader(view: DataView): number {
    if (view.byteLength < headerLength) return 0;
    const format = formats[view.getUint32(0)];
    if (format === undefined) throw notPcap('its magic number is of no pcap format');
    this.#format = format;
    this.#linkType = view.getUint32(20, format.isLittle) & 0xffff;
    return headerLength;
  }
}

function readRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  { isLittle, unit }: (typeof formats)[number],
): Packet | undefined {
  if (offset + recordLength > view.byteLength) return undefined;
  const number = (at: number): number => view.getUint32(offset + at, isLittle);
  const [seconds, fraction, captured, length] = [number(0), number(4), number(8), number(12)];
  if (captured > snapLength) throw notPcap(`a packet has ${String(captured)} bytes`);
  const start = offset + recordLength;
  if (start + captured > view.byteLength) return undefined;
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * unit;
  return { time, bytes: bytes.slice(start, start + captured), length };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function notPcap(reason: string): KvmnetError {
  return new KvmnetError('BACKEND', `tcpdump printed something that is not pcap: ${reason}`);
}
