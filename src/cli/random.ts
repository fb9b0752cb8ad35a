/** Random values that commands choose once, before they plan. */
import { locallyAdministered, qemuMac } from '../values/mac.ts';

export function randomMac(): string {
  return qemuMac(randomBytes(3));
}

/** Random MAC addresses for a NIC: the planner picks the first unused one. */
export function randomMacs(): readonly string[] {
  return Array.from({ length: 8 }, randomMac);
}

/** Of a bridge of the host. */
export function randomBridgeMac(): string {
  return locallyAdministered(randomBytes(6));
}

/** The global ID of a unique local IPv6 prefix (RFC 4193): 40 bits as hexadecimal digits. */
export function randomGlobalId(): string {
  return Buffer.from(randomBytes(5)).toString('hex');
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
