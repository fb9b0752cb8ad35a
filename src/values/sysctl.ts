/** The names of settings of the kernel, as sysctl(8) has them. @see ip-sysctl of the kernel's documentation */
import type { Family } from './address.ts';

/** Whether the host forwards packets between its devices. */
export const forwardingSetting: Readonly<Record<Family, string>> = {
  ipv4: 'net.ipv4.ip_forward',
  ipv6: 'net.ipv6.conf.all.forwarding',
};

/** Settings that each device has. */
const deviceSettings = { route_localnet: 'ipv4', rp_filter: 'ipv4', arp_ignore: 'ipv4', accept_ra: 'ipv6' } as const;

/**
 * Returns the name of a setting of a device, in which a dot of the device's name is a slash.
 * @param device `all` and `default` too
 */
export function deviceSetting(device: string, key: keyof typeof deviceSettings): string {
  return `net.${deviceSettings[key]}.conf.${device.replaceAll('.', '/')}.${key}`;
}

/** Whether this is the name of a device's setting. */
export function isDeviceSetting(name: string, key: keyof typeof deviceSettings): boolean {
  return name.startsWith(`net.${deviceSettings[key]}.conf.`) && name.endsWith(`.${key}`);
}
