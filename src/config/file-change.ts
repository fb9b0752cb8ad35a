/** Files as they are, and as they should be. */
import type { Config } from './config.ts';
import type { ConfiguredDevice } from './device.ts';
import { devicesOf } from './devices.ts';
import type { ConfigFile } from './file.ts';
import { prefixOf, type PersistDevice, type PersistModel } from './persist-device.ts';

/** A file that changes: null means that it does not exist. */
export interface FileChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of a new file. */
  readonly mode: number;
  /** The file that changes, as it is. */
  readonly file?: ConfigFile | undefined;
}

/** The file changes that write a model. */
export interface FileChanges {
  readonly changes: readonly FileChange[];
  /** Warnings for the user. */
  readonly warnings: readonly string[];
}

/** The present files: all that the managers read, and the parsed ones of formats with devices. */
export interface PresentFiles {
  readonly files: readonly ConfigFile[];
  readonly configs: readonly Config[];
}

/** A format's writer: returns the file changes that lead from the present files to the desired devices. */
export type Renderer = (model: PersistModel, present: PresentFiles) => FileChanges;

/** Returns the change of one file, or none if it already has that text. */
export function fileChange(
  { files }: PresentFiles,
  path: string,
  after: string | null,
  mode: number,
): readonly FileChange[] {
  const file = files.find((each) => each.path === path);
  const before = file?.text ?? null;
  return before === after ? [] : [{ path, before, after, mode, file }];
}

export function textOf(files: readonly ConfigFile[], path: string): string | null {
  return files.find((file) => file.path === path)?.text ?? null;
}

/** Files that kvmnet alone writes have this in their names. */
export function isOurs(path: string): boolean {
  return /(^|\/|-)(\d\d-)?kvmnet[^/]*$/.test(path);
}

/** The configuration of a device in a comparable form, independent of spelling. Only includes default gateways, no other routes. */
export function meaning(configs: readonly Config[], name: string): string | undefined {
  const devices = devicesOf(configs);
  const device = devices.find((each) => each.name === name);
  if (!device) return undefined;
  const master = (kind: 'bridge' | 'bond'): string | undefined =>
    device[kind]?.value ??
    devices.find((each) => each.kind === kind && each.ports.some((port) => port.value === name))?.name;
  return JSON.stringify([
    device.kind,
    device.onBoot,
    addresses(device),
    device.dhcp !== undefined,
    device.gateways.map(({ value }) => value).sort(),
    [master('bridge'), master('bond')],
    device.vlan && [device.vlan.parent?.value, Number(device.vlan.id?.value)],
    device.ports.map(({ value }) => value).sort(),
    device.mac?.value.toLowerCase(),
    device.mtu?.value,
  ]);
}

function addresses(device: ConfiguredDevice): readonly string[] {
  return device.addresses.map(({ address, mask }) => `${address.value}/${String(prefixOf(mask?.value) ?? '')}`).sort();
}

/** The device that has taken over what this one had: the bridge or bond that it is a port of now, or that one's own. */
export function topMaster(device: PersistDevice, devices: readonly PersistDevice[]): PersistDevice {
  const master = devices.find(({ name }) => name === device.master?.name);
  return master ? topMaster(master, devices) : device;
}

/** DNS servers and search domains that its files have for a device, in the format's own words. */
export interface Resolver {
  readonly servers: readonly string[];
  readonly domains: readonly string[];
}

/**
 * Returns the DNS settings that the files have for a device and the devices that it replaces: an address that moves to a bridge keeps them.
 */
export function resolverOf(
  device: PersistDevice,
  devices: readonly PersistDevice[],
  resolverFor: (name: string) => Resolver,
): Resolver {
  if (device.master) return { servers: [], domains: [] };
  const names = [device, ...devices.filter((each) => each !== device && topMaster(each, devices) === device)];
  const all = names.map(({ name }) => resolverFor(name));
  return {
    servers: [...new Set(all.flatMap(({ servers }) => servers))],
    domains: [...new Set(all.flatMap(({ domains }) => domains))],
  };
}
