/** The kernel's network settings and features. */
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { KvmnetError } from '../errors.ts';
import type { KernelFeatures } from '../records/kernel.ts';
import { deviceSetting, forwardingSetting } from '../values/sysctl.ts';
import { run, type RunOptions } from './run.ts';

/** Settings that decide whether the host forwards packets, and which bridges hand to the firewall. */
export const switches: readonly string[] = [
  ...Object.values(forwardingSetting),
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
  'net.bridge.bridge-nf-call-arptables',
];

/** Whether packets are routed, and whether those that a bridge passes go through the firewall, by sysctl(8)'s names. */
export async function readForwarding(options: RunOptions = {}): Promise<Readonly<Record<string, string>>> {
  return readSysctls(switches, options);
}

/** Returns net.ipv4.conf.DEVICE.rp_filter by device, with `all` and `default`. @see ip-sysctl of the kernel's documentation */
export async function readReversePathFilters(
  devices: readonly string[],
  options: RunOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const nameOf = (device: string): string => deviceSetting(device, 'rp_filter');
  const values = await readSysctls(devices.map(nameOf), options);
  return Object.fromEntries(
    devices.flatMap((device) => {
      const value = values[nameOf(device)];
      return value === undefined ? [] : [[device, value]];
    }),
  );
}

/** The values of sysctl(8) by their names, where a slash is a dot in the name of a device; one that the kernel does not have is left out. */
export async function readSysctls(
  names: readonly string[],
  { on, ...options }: RunOptions,
): Promise<Readonly<Record<string, string>>> {
  if (on) {
    const lines = (await run('sysctl', ['-e', ...names], { ...options, on })).split('\n');
    return Object.fromEntries(lines.map((line) => line.split(' = ')).filter((pair) => pair.length === 2)) as Record<
      string,
      string
    >;
  }
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = quietly(() => readFileSync(pathOf(name), 'utf8').trim());
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Where a setting is: `net.ipv4.conf.eth0/10.rp_filter` is `net/ipv4/conf/eth0.10/rp_filter`. @see sysctl(8) */
function pathOf(name: string): string {
  return `/proc/sys/${name.replaceAll(/[./]/g, (sign) => (sign === '.' ? '/' : '.'))}`;
}

/**
 * Sets a value until the next boot.
 * @throws BACKEND where the kernel does not have it, or refuses it
 */
export async function writeSysctl(name: string, value: string, { on, ...options }: RunOptions = {}): Promise<void> {
  if (on) {
    await run('sysctl', ['-q', '-w', `${name}=${value}`], { ...options, on });
    return;
  }
  try {
    writeFileSync(pathOf(name), value);
  } catch (cause) {
    throw new KvmnetError('BACKEND', `cannot set ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Features for host networking, by the kernel options that provide them. */
const options = {
  vlan: 'VLAN_8021Q',
  bridgeVlanFiltering: 'BRIDGE_VLAN_FILTERING',
  bond: 'BONDING',
  macvlan: 'MACVLAN',
  macvtap: 'MACVTAP',
} as const satisfies Readonly<Record<keyof KernelFeatures, string>>;

/** Returns the features of this machine's kernel, built in or by a module; undefined if unknown (neither /proc/config.gz nor /boot/config-*). */
export function readFeatures(): KernelFeatures | undefined {
  const config =
    quietly(() => gunzipSync(readFileSync('/proc/config.gz')).toString()) ??
    quietly(() => readFileSync(`/boot/config-${release()}`, 'utf8'));
  if (config === undefined) return undefined;
  const has = (option: string): boolean => new RegExp(`^CONFIG_${option}=[ym]$`, 'm').test(config);
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, has(option)])) as KernelFeatures;
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
