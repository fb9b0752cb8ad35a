/** Finds the ports of each device, regardless of which side declares them. */
import type { ConfiguredDevice, SourcedValue } from '../../config/device.ts';

/** A port of a bridge or bond, and the entry that declares it, on its side or the master's. */
export interface Plug {
  readonly port: string;
  readonly master: string;
  readonly setting: SourcedValue;
  readonly format: ConfiguredDevice['format'];
}

export function plugsOf(devices: readonly ConfiguredDevice[]): readonly Plug[] {
  return devices.flatMap(({ name, format, bridge, bond, ports }) => [
    ...[bridge, bond].flatMap((setting) => (setting ? [{ port: name, master: setting.value, setting, format }] : [])),
    ...ports.map((setting) => ({ port: setting.value, master: name, setting, format })),
  ]);
}

/** Devices that are not ports: only those have addresses that count. */
export function withoutPorts(devices: readonly ConfiguredDevice[]): readonly ConfiguredDevice[] {
  const ports = new Set(plugsOf(devices).map(portKey));
  return devices.filter(({ name, format }) => !ports.has(portKey({ port: name, format })));
}

export function portKey({ port, format }: Pick<Plug, 'port' | 'format'>): string {
  return `${format} ${port}`;
}

/** For each item the first one before it that has the same key and another name. */
export function earlierOthers<T extends { readonly name: string }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): readonly (T | undefined)[] {
  const seen = new Map<string, { readonly first: T; other?: T }>();
  return items.map((item) => {
    const found = seen.get(keyOf(item));
    if (!found) {
      seen.set(keyOf(item), { first: item });
      return undefined;
    }
    if (item.name === found.first.name) return found.other;
    found.other ??= item;
    return found.first;
  });
}
