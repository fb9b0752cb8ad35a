/** The names of settings of the kernel, as sysctl(8) has them. @see ip-sysctl of the kernel's documentation */
import type { Family } from './address.ts';

/** Whether the host forwards packets between its devices. */
export const forwardingSetting: Readonly<Record<Family, string>> = {
  ipv4: 'net.ipv4.ip_forward',
  ipv6: 'net.ipv6.conf.all.forwarding',
};

/**
 * Returns the name of an IPv4 setting of a device, in which a dot of the device's name is a slash.
 * @param device `all` and `default` too
 */
export function deviceSetting(device: string, key: 'route_localnet' | 'rp_filter'): string {
  return `net.ipv4.conf.${device.replaceAll('.', '/')}.${key}`;
}
