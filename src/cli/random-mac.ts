import { randomBytes } from 'node:crypto';

/** A MAC address in QEMU's range, from which libvirt chooses those of guests and bridges too. */
export function randomMac(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['52', '54', '00', ...tail].join(':');
}
