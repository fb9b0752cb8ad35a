/** The kernel's network settings and features. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { KvmnetError } from '../errors.ts';
import type { KernelFeatures } from '../records/kernel.ts';
import { deviceSetting, forwardingSetting } from '../values/sysctl.ts';
import { namesIn, textOf } from './lenient.ts';
import { run, type RunOptions } from './run.ts';

/** Settings that decide whether the host forwards packets, and which bridges hand to the firewall. */
export const switches: readonly string[] = [
  ...Object.values(forwardingSetting),
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
  'net.bridge.bridge-nf-call-arptables',
];

/** Whether packets are routed, and whether packets that a bridge passes go through the firewall, by sysctl(8)'s names. */
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

/** Features for host networking, by the kernel options and modules that provide them. */
const features = {
  vlan: ['VLAN_8021Q', '8021q'],
  bridgeVlanFiltering: ['BRIDGE_VLAN_FILTERING', undefined],
  bond: ['BONDING', 'bonding'],
  macvlan: ['MACVLAN', 'macvlan'],
  macvtap: ['MACVTAP', 'macvtap'],
} as const satisfies Readonly<Record<keyof KernelFeatures, readonly [option: string, module: string | undefined]>>;

/**
 * Returns the features of this machine's kernel, built in or by a module that can be loaded; undefined if nothing describes the kernel: neither
 * /proc/config.gz, /boot/config-* nor /lib/modules.
 */
export function readFeatures(): KernelFeatures | undefined {
  const config =
    quietly(() => process.getBuiltinModule('node:zlib').gunzipSync(readFileSync('/proc/config.gz')).toString()) ??
    quietly(() => readFileSync(`/boot/config-${release()}`, 'utf8'));
  const modules = readModules();
  if (config === undefined && modules === undefined) return undefined;
  const has = ([option, module]: (typeof features)[keyof KernelFeatures]): boolean => {
    const configured = new RegExp(`^CONFIG_${option}=([ym])$`, 'm').exec(config ?? '')?.[1];
    if (configured === 'y' || module === undefined) return configured !== undefined || config === undefined;
    if (existsSync(`/sys/module/${module}`)) return true;
    if (config !== undefined && configured === undefined) return false;
    return modules === undefined || modules.includes(`/${module}.ko`);
  };
  return Object.fromEntries(Object.entries(features).map(([name, row]) => [name, has(row)])) as KernelFeatures;
}

/**
 * The loadable and the built-in modules of the running kernel, as depmod(8) lists them. An upgrade that removed the modules of the
 * running kernel leaves the modules of another one; undefined if the machine has no modules at all, as in a container, whose host loads them.
 */
function readModules(): string | undefined {
  const folder = `/lib/modules/${release()}`;
  const lists = ['modules.dep', 'modules.builtin'].map((file) => textOf(`${folder}/${file}`)).join('\n');
  return lists.trim() !== '' || namesIn('/lib/modules').some((name) => name !== release()) ? lists : undefined;
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
