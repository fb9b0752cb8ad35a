/** Describes packets in a few words. */
import { ipv6At, macAt, uint16At } from './bytes.ts';

/** @see RFC 826 */
export function arpText(payload: Uint8Array): string {
  if (payload.length < 28 || uint16At(payload, 2) !== 0x0800) return 'arp';
  const [sender, target] = [payload.subarray(14, 18).join('.'), payload.subarray(24, 28).join('.')];
  switch (uint16At(payload, 6)) {
    case 1:
      return `arp who-has ${target} from ${sender}`;
    case 2:
      return `arp ${sender} is-at ${macAt(payload, 8)}`;
  }
  return 'arp';
}

const ethernetNames: Readonly<Record<number, string>> = { 0x88cc: 'lldp', 0x8809: 'lacp', 0x888e: '802.1X' };

/** Up to 1500 it is a length: of frames of STP, for example. */
export function ethernetText(type: number, length: number): string {
  const name = type <= 1500 ? '802.3' : (ethernetNames[type] ?? `ethertype 0x${type.toString(16).padStart(4, '0')}`);
  return `${name}, ${String(length)} bytes`;
}

/** tcpdump's letters. */
export function tcpFlags(byte: number): string {
  const letters = ['F', 'S', 'R', 'P', '.', 'U'];
  return letters.filter((_, bit) => (byte & (1 << bit)) !== 0).join('') || 'none';
}

const icmpNames: Readonly<Record<number, string>> = {
  ...{ 0: 'echo reply', 3: 'destination unreachable', 5: 'redirect', 8: 'echo request', 11: 'time exceeded' },
};
const icmpv6Names: Readonly<Record<number, string>> = {
  ...{ 1: 'destination unreachable', 2: 'packet too big', 3: 'time exceeded', 128: 'echo request', 129: 'echo reply' },
  ...{ 133: 'router solicitation', 134: 'router advertisement', 135: 'neighbor solicitation' },
  ...{ 136: 'neighbor advertisement', 143: 'multicast report' },
};

/** @see RFC 792, RFC 4443, RFC 4861 */
export function icmpText(payload: Uint8Array, isV6: boolean): string {
  const [type = 0, code = 0] = payload;
  const name = (isV6 ? icmpv6Names : icmpNames)[type] ?? `type ${String(type)} code ${String(code)}`;
  const protocol = isV6 ? 'icmp6' : 'icmp';
  if (name.startsWith('echo')) return `${protocol} ${name}, seq ${String(uint16At(payload, 6))}`;
  if (name.startsWith('neighbor') && payload.length >= 24) return `${protocol} ${name}, ${ipv6At(payload, 8)}`;
  if (name === 'destination unreachable') return `${protocol} ${name}, code ${String(code)}`;
  return `${protocol} ${name}`;
}
