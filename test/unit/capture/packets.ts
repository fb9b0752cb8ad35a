/** Frames for tests, built byte by byte. */

export interface Wanted {
  readonly vlans?: readonly number[];
  readonly ttl?: number;
  readonly checksum?: number;
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: number;
  readonly payload?: readonly number[];
  readonly padding?: number;
}

const uint16 = (value: number): readonly number[] => [value >> 8, value & 255];
const octets = (address: string): readonly number[] => address.split('.').map(Number);

/** An echo request with a sequence number. */
export const echo = (sequence: number, checksum = 0x1234): readonly number[] => [
  ...[8, 0, ...uint16(checksum)],
  ...[0, 7, ...uint16(sequence), 1, 2, 3, 4],
];

export const tcp = (source: number, destination: number, flags: number, checksum = 0): readonly number[] => [
  ...[...uint16(source), ...uint16(destination), 0, 0, 0, 1, 0, 0, 0, 0],
  ...[0x50, flags, 1, 0, ...uint16(checksum), 0, 0, 65, 66],
];

/** An Ethernet frame with an IPv4 packet. */
export function ipv4Frame(wanted: Wanted = {}): Uint8Array {
  const { vlans = [], ttl = 64, checksum = 1, protocol = 1, payload = echo(1), padding = 0 } = wanted;
  const { source = '192.168.100.10', destination = '192.168.100.40' } = wanted;
  const header = [
    ...[0x45, 0, ...uint16(20 + payload.length), 0, 9, 0x40, 0, ttl, protocol, ...uint16(checksum)],
    ...[...octets(source), ...octets(destination)],
  ];
  return Uint8Array.from([
    ...[0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1],
    ...vlans.flatMap((id) => [0x81, 0, ...uint16(id)]),
    ...[8, 0, ...header, ...payload, ...Array.from({ length: padding }, () => 0)],
  ]);
}

export const arpRequest: Uint8Array = Uint8Array.from([
  ...[255, 255, 255, 255, 255, 255, 0x52, 0x54, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1],
  ...[0x52, 0x54, 0, 0, 0, 1, 192, 168, 100, 10, 0, 0, 0, 0, 0, 0, 192, 168, 100, 40],
]);
