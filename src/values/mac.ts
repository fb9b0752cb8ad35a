import { invalid, invalidWithHint, type Origin } from './invalid.ts';

const example = '52:54:00:12:34:56';

/**
 * A MAC address as `52:54:00:ab:cd:ef`. Taken with colons or dashes, in upper or lower case; each of the six bytes has two
 * digits (libvirt takes `52:54:0:0:0:1` and hands it to dnsmasq like that). It must be a device's own address: not multicast,
 * broadcast or all zero (IEEE 802, 8.2).
 */
export function parseMac(value: string, origin: Origin): string {
  const bytes = value.includes('-') ? value.split('-') : value.split(':');
  if (bytes.length !== 6 || !bytes.every((byte) => /^[0-9a-f]{1,2}$/i.test(byte))) {
    throw invalid(origin, value, 'a MAC address has six bytes of two hexadecimal digits', example);
  }
  const mac = bytes.map((byte) => byte.toLowerCase().padStart(2, '0')).join(':');
  if (bytes.some((byte) => byte.length === 1)) {
    throw invalidWithHint(origin, value, 'each byte of a MAC address has two digits', `write ${mac}`);
  }
  if (mac === 'ff:ff:ff:ff:ff:ff') throw invalid(origin, value, 'this is the broadcast address', example);
  if (mac === '00:00:00:00:00:00') throw invalid(origin, value, 'this is not the address of a device', example);
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
    throw invalid(origin, value, 'this is a multicast address: the first byte must be even', example);
  }
  return mac;
}

/** Parses the MAC address of a guest's NIC: like parseMac, but refuses addresses that start with `fe`, which libvirt keeps for the host's taps. */
export function parseNicMac(value: string, origin: Origin): string {
  const mac = parseMac(value, origin);
  if (mac.startsWith('fe:')) {
    throw invalid(origin, value, "libvirt keeps addresses that start with fe for the host's side of a NIC", example);
  }
  return mac;
}

/** As libvirt writes it, `52:54:00:0a:00:01` for `52:54:0:A:0:1`; undefined if the text is not a MAC address. */
export function normalMac(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  return text
    .toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');
}

/**
 * A MAC address in QEMU's range, from which libvirt chooses the MAC addresses of guests and bridges too.
 * @param tail its last three bytes
 */
export function qemuMac(tail: Uint8Array): string {
  return formatBytes([0x52, 0x54, 0x00, ...tail]);
}

/** A device's own address of six bytes (IEEE 802, 8.4): the second bit of the first byte means locally administered, the first one multicast. */
export function locallyAdministered([first = 0, ...others]: Uint8Array): string {
  return formatBytes([(first & 0xfc) | 2, ...others]);
}

function formatBytes(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
