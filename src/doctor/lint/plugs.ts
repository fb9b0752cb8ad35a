/** Which device is a port of which, whoever says so. */
import type { ConfiguredDevice, Said } from '../../state/config/device.ts';

/** A port that is plugged into a bridge or bond, and the entry that says so, on its side or the master's. */
export interface Plug {
  readonly port: string;
  readonly master: string;
  readonly said: Said;
  readonly format: ConfiguredDevice['format'];
}

export function plugsOf(devices: readonly ConfiguredDevice[]): readonly Plug[] {
  return devices.flatMap(({ name, format, bridge, bond, ports }) => [
    ...[bridge, bond].flatMap((said) => (said ? [{ port: name, master: said.value, said, format }] : [])),
    ...ports.map((said) => ({ port: said.value, master: name, said, format })),
  ]);
}

/** Devices that are no ports: only those have addresses that count. */
export function withoutPorts(devices: readonly ConfiguredDevice[]): readonly ConfiguredDevice[] {
  const plugs = plugsOf(devices);
  return devices.filter(({ name, format }) => !plugs.some((plug) => plug.port === name && plug.format === format));
}
