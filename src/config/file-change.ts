/** Files as they are, and as they should be. */
import type { Config } from './config.ts';
import type { ConfiguredDevice } from './device.ts';
import { devicesOf } from './devices.ts';
import type { ConfigFile } from './file.ts';
import { prefixOf, type PersistDevice, type PersistModel } from './persist-device.ts';

/** A file that changes: null is no file. */
export interface FileChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of a new file. */
  readonly mode: number;
  /** The file that changes, as it is. */
  readonly file?: ConfigFile | undefined;
}

/** What it takes to write a model down. */
export interface FileChanges {
  readonly changes: readonly FileChange[];
  /** What whoever reads the files should know. */
  readonly warnings: readonly string[];
}

/** What is there now: all files that the managers read, and those that have a format of devices with what a parser made of them. */
export interface PresentFiles {
  readonly files: readonly ConfigFile[];
  readonly configs: readonly Config[];
}

/** A format's writer: from what should be and all files that are there to the files that change. */
export type Renderer = (model: PersistModel, present: PresentFiles) => FileChanges;

/** The change of one file, or none where it says that already. */
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

/** What a device's files say in a shape that compares: the same in any spelling. Routes beside the default gateways are not in it. */
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
export function heir(device: PersistDevice, devices: readonly PersistDevice[]): PersistDevice {
  const master = devices.find(({ name }) => name === device.master?.name);
  return master ? heir(master, devices) : device;
}

/** DNS servers and search domains that its files have for a device, in the format's own words. */
export interface Resolver {
  readonly servers: readonly string[];
  readonly domains: readonly string[];
}

/**
 * What the files say of DNS for a device, and for those whose place it has taken: an address that moves to a bridge takes them along.
 */
export function resolverOf(
  device: PersistDevice,
  devices: readonly PersistDevice[],
  said: (name: string) => Resolver,
): Resolver {
  if (device.master) return { servers: [], domains: [] };
  const names = [device, ...devices.filter((each) => each !== device && heir(each, devices) === device)];
  const all = names.map(({ name }) => said(name));
  return {
    servers: [...new Set(all.flatMap(({ servers }) => servers))],
    domains: [...new Set(all.flatMap(({ domains }) => domains))],
  };
}
