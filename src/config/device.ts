/** The configuration of a device, in one form for all formats, so that a question is answered once. */
import type { Config, ConfigFormat } from './config.ts';
import type { ConfigEntry } from './file.ts';

/** A value with its place in a file. */
export interface SourcedValue {
  readonly value: string;
  readonly key: string;
  readonly path: string;
  readonly line: number;
}

/** An address with its mask: a prefix length (`24`) or, where the format has it, a netmask (`255.255.255.0`). */
export interface ConfiguredAddress {
  readonly address: SourcedValue;
  readonly mask: SourcedValue | undefined;
  readonly broadcast?: SourcedValue | undefined;
}

export type DeviceKind = 'ethernet' | 'bridge' | 'vlan' | 'bond' | 'other';

export interface ConfiguredDevice {
  readonly format: ConfigFormat;
  /** The kernel's name, or a substitute for it. */
  readonly name: string;
  /** The name is a title or a pattern: a file or profile for no device, or for several. */
  readonly isTitle?: boolean;
  readonly kind: DeviceKind;
  readonly path: string;
  /** The line that names the device, or the file's first. */
  readonly line: number;
  /** Brought up at boot, or when it appears. */
  readonly onBoot: boolean;
  /** The entry with this setting, if any. */
  readonly boot?: SourcedValue | undefined;
  readonly addresses: readonly ConfiguredAddress[];
  /** The entry that asks for addresses by DHCP. */
  readonly dhcp?: SourcedValue | undefined;
  /** Default gateways without a metric of their own. */
  readonly gateways: readonly SourcedValue[];
  /** The bridge or bond that the device's own entry names as its master. */
  readonly bridge?: SourcedValue | undefined;
  readonly bond?: SourcedValue | undefined;
  /** Of a VLAN device: the NIC below it, and the ID. */
  readonly vlan?: { readonly parent?: SourcedValue | undefined; readonly id?: SourcedValue | undefined };
  /** The ports that a bridge or bond itself lists. */
  readonly ports: readonly SourcedValue[];
  readonly mac?: SourcedValue | undefined;
  readonly mtu?: SourcedValue | undefined;
}

/** An entry of a file, with the file. */
export function sourcedValue(config: Pick<Config, 'file'>, { key, value, line }: ConfigEntry): SourcedValue {
  return { value, key, line, path: config.file.path };
}

/** The words of a list such as `bridge_ports eth0 eth1`, each with the entry's place. */
export function wordsOf(setting: SourcedValue | undefined, separator = /[\s]+/): readonly SourcedValue[] {
  if (setting === undefined) return [];
  const words = setting.value.split(separator).filter((word) => word !== '');
  return words.map((value) => ({ ...setting, value }));
}

/** `10.0.0.2/24`, with both parts at the same place. */
export function addressIn(setting: SourcedValue): ConfiguredAddress {
  const [value = '', mask] = setting.value.split('/');
  return { address: { ...setting, value }, mask: mask === undefined ? undefined : { ...setting, value: mask } };
}

/** The name of a VLAN device in two parts, `eth0.10`; undefined for any other. */
export function dottedName(name: string): { readonly parent: string; readonly id: string } | undefined {
  const [, parent, id] = /^(.+)\.(\d{1,4})$/.exec(name) ?? [];
  return parent === undefined || id === undefined ? undefined : { parent, id };
}
