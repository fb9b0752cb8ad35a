/** Configuration files of all formats -> the devices that they configure. */
import { configsOf, type Config } from './config.ts';
import type { ConfiguredDevice } from './device.ts';
import { ifcfgDevices } from './ifcfg/read.ts';
import { interfacesDevices } from './ifupdown/read.ts';
import { keyfileDevices } from './networkmanager/read.ts';
import { netplanDevices } from './netplan/read.ts';
import { networkdDevices } from './networkd/read.ts';

/** One for each device and format: two managers that know the same device give two. */
export function devicesOf(configs: readonly Config[]): readonly ConfiguredDevice[] {
  return [
    ...interfacesDevices(configsOf(configs, 'ifupdown')),
    ...ifcfgDevices(configsOf(configs, 'ifcfg')),
    ...keyfileDevices(configsOf(configs, 'networkmanager')),
    ...networkdDevices(configsOf(configs, 'networkd')),
    ...netplanDevices(configsOf(configs, 'netplan')),
  ];
}
