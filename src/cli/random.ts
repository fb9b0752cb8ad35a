/** Values that commands choose at random, once, before they plan. */
import { randomBytes } from 'node:crypto';
import { locallyAdministered, qemuMac } from '../values/mac.ts';

export function randomMac(): string {
  return qemuMac(randomBytes(3));
}

/** MAC addresses for a NIC to choose from: the first that is free is taken. */
export function randomMacs(): readonly string[] {
  return Array.from({ length: 8 }, randomMac);
}

/** Of a bridge of the host. */
export function randomBridgeMac(): string {
  return locallyAdministered(randomBytes(6));
}

/** The global ID of a unique local IPv6 prefix (RFC 4193): 40 bits as hexadecimal digits. */
export function randomGlobalId(): string {
  return randomBytes(5).toString('hex');
}
