/** A captured frame: its VLAN tags, its description in a few words, and its identity at other hops its packet at other hops. */
import { ipv6At, macAt, uint16At } from './bytes.ts';
import { arpText, ethernetText, icmpText, tcpFlags } from './words.ts';

export interface Frame {
  /** VLAN IDs, the outermost first. */
  readonly vlans: readonly number[];
  /** An IP address, or a MAC address. */
  readonly source: string;
  readonly destination: string;
  /** `icmp echo request, seq 1`, `tcp 40000 > 80 [S]` */
  readonly what: string;
  /**
   * Equal at all hops that a packet passes: without TTL, checksums (a NIC may compute them later), MAC addresses and VLAN tags, which hops
   * change.
   */
  readonly key: string;
  /** Equal also after NAT has rewritten addresses and ports; undefined for what NAT does not change. */
  readonly natKey: string | undefined;
}

/** LINKTYPE_ETHERNET. @see https://www.tcpdump.org/linktypes.html */
export const ethernet = 1;
/** LINKTYPE_RAW: IP without a frame around it. tcpdump writes the number of DLT_RAW in some versions. */
const rawIp: readonly number[] = [101, 12];

const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, vlan: 0x8100, serviceVlan: 0x88a8 } as const;
const protocols = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** Reads a frame; one that is too short, or of an unknown type, is known by its bytes alone. */
export function readFrame(bytes: Uint8Array, linkType: number): Frame {
  if (rawIp.includes(linkType)) {
    return ip(bytes, [], '', '') ?? other(bytes, [], '', '', 'unknown packet');
  }
  if (linkType !== ethernet || bytes.length < 14) return other(bytes, [], '', '', `${String(bytes.length)} bytes`);
  const [destination, source] = [macAt(bytes, 0), macAt(bytes, 6)];
  const vlans: number[] = [];
  let offset = 12;
  let type = uint16At(bytes, offset);
  while ((type === etherTypes.vlan || type === etherTypes.serviceVlan) && bytes.length >= offset + 6) {
    vlans.push(uint16At(bytes, offset + 2) & 0xfff);
    offset += 4;
    type = uint16At(bytes, offset);
  }
  const payload = bytes.subarray(offset + 2);
  switch (type) {
    case etherTypes.ipv4:
    case etherTypes.ipv6:
      return ip(payload, vlans, source, destination) ?? other(payload, vlans, source, destination, 'broken IP packet');
    case etherTypes.arp:
      return other(payload.subarray(0, 28), vlans, source, destination, arpText(payload));
  }
  return other(payload, vlans, source, destination, ethernetText(type, payload.length));
}

function other(bytes: Uint8Array, vlans: readonly number[], source: string, destination: string, what: string): Frame {
  const key = hashOf([new TextEncoder().encode(what), bytes]);
  return { vlans, source, destination, what, key, natKey: undefined };
}

function ip(
  packet: Uint8Array,
  vlans: readonly number[],
  sourceMac: string,
  destinationMac: string,
): Frame | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) return ipv4(packet, vlans);
  if (version === 6 && packet.length >= 40) return ipv6(packet, vlans);
  return packet.length === 0 ? undefined : other(packet, vlans, sourceMac, destinationMac, 'broken IP packet');
}

/** The parts of an IP packet: its protocol, and what follows the header, without padding. */
interface Inner {
  readonly protocol: number;
  readonly payload: Uint8Array;
  /** A fragment other than the first one has no ports. */
  readonly isLaterFragment: boolean;
}

function ipv4(packet: Uint8Array, vlans: readonly number[]): Frame {
  const headerLength = ((packet[0] ?? 0) & 15) * 4;
  const total = uint16At(packet, 2);
  // A NIC that splits segments itself gets packets with the length 0.
  const end = total >= headerLength && total <= packet.length ? total : packet.length;
  const inner: Inner = {
    protocol: packet[9] ?? 0,
    payload: packet.subarray(headerLength, end),
    isLaterFragment: (uint16At(packet, 6) & 0x1fff) !== 0,
  };
  // ID, flags and offset; neither TTL nor checksum.
  const stable = [packet.subarray(4, 8), packet.subarray(9, 10)];
  const addresses = packet.subarray(12, 20);
  const [source, destination] = [packet.subarray(12, 16).join('.'), packet.subarray(16, 20).join('.')];
  return frameOf({ inner, stable, addresses, vlans, source, destination });
}

function ipv6(packet: Uint8Array, vlans: readonly number[]): Frame {
  const end = Math.min(packet.length, 40 + uint16At(packet, 4));
  const inner: Inner = { protocol: packet[6] ?? 0, payload: packet.subarray(40, end), isLaterFragment: false };
  const [source, destination] = [ipv6At(packet, 8), ipv6At(packet, 24)];
  const stable = [packet.subarray(1, 4), packet.subarray(6, 7)];
  return frameOf({ inner, stable, addresses: packet.subarray(8, 40), vlans, source, destination });
}

interface Parts {
  readonly inner: Inner;
  /** Bytes of the header that no hop changes. */
  readonly stable: readonly Uint8Array[];
  readonly addresses: Uint8Array;
  readonly vlans: readonly number[];
  readonly source: string;
  readonly destination: string;
}

function frameOf({ inner, stable, addresses, vlans, source, destination }: Parts): Frame {
  const { what, portBytes, checksumAt } = transport(inner);
  const { payload } = inner;
  const rest =
    checksumAt === undefined || payload.length < checksumAt + 2
      ? [payload.subarray(portBytes)]
      : [payload.subarray(portBytes, checksumAt), payload.subarray(checksumAt + 2)];
  return {
    ...{ vlans, source, destination, what },
    key: hashOf([...stable, addresses, payload.subarray(0, portBytes), ...rest]),
    natKey: hashOf([...stable, ...rest]),
  };
}

interface Transport {
  readonly what: string;
  /** The bytes at its beginning that NAT rewrites, apart from checksums. */
  readonly portBytes: number;
  readonly checksumAt: number | undefined;
}

function transport({ protocol, payload, isLaterFragment }: Inner): Transport {
  const bytes = (length: number): string => `${String(Math.max(0, payload.length - length))} bytes`;
  if (isLaterFragment) return { what: `fragment, ${bytes(0)}`, portBytes: 0, checksumAt: undefined };
  const ports = `${String(uint16At(payload, 0))} > ${String(uint16At(payload, 2))}`;
  switch (protocol) {
    case protocols.tcp: {
      const header = ((payload[12] ?? 0) >> 4) * 4;
      return { what: `tcp ${ports} [${tcpFlags(payload[13] ?? 0)}], ${bytes(header)}`, portBytes: 4, checksumAt: 16 };
    }
    case protocols.udp:
      return { what: `udp ${ports}, ${bytes(8)}`, portBytes: 4, checksumAt: 6 };
    case protocols.icmp:
    case protocols.icmpv6:
      return { what: icmpText(payload, protocol === protocols.icmpv6), portBytes: 0, checksumAt: 2 };
  }
  return { what: `IP protocol ${String(protocol)}, ${bytes(0)}`, portBytes: 0, checksumAt: undefined };
}

/** 64 bits in two halves, and the length: FNV-1a, with different offsets. */
function hashOf(parts: readonly Uint8Array[]): string {
  let [left, right, length] = [0x811c9dc5, 0x9747b28c, 0];
  for (const part of parts) {
    length += part.length;
    for (const byte of part) {
      left = Math.imul(left ^ byte, 0x01000193);
      right = Math.imul(right ^ byte, 0x85ebca6b) ^ (right >>> 15);
    }
  }
  return `${(left >>> 0).toString(16)}.${(right >>> 0).toString(16)}.${String(length)}`;
}
