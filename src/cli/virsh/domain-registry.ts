/** virsh's own names for the NICs of domains. */
import { virshEntry as entry, type VirshEntry } from './entry.ts';

export const virshDomainEntries: readonly VirshEntry[] = [
  entry(
    'domifaddr',
    "list the addresses of a running domain's NICs",
    async () => (await import('./commands/domifaddr.ts')).domifaddr,
  ),
  entry('domifstat', 'the counters of a NIC', async () => (await import('./commands/domifstat.ts')).domifstat),
  entry(
    'domif-setlink',
    "switch a NIC's link up or down",
    async () => (await import('./commands/domif-setlink.ts')).domifSetlink,
  ),
  entry(
    'domif-getlink',
    "whether a NIC's link is up or down",
    async () => (await import('./commands/domif-getlink.ts')).domifGetlink,
  ),
  entry('domiftune', "show or set a NIC's limits", async () => (await import('./commands/domiftune.ts')).domiftune),
  entry(
    'attach-interface',
    'attach a NIC to a domain',
    async () => (await import('./commands/attach-interface.ts')).attachInterface,
  ),
  entry(
    'detach-interface',
    'detach a NIC from a domain',
    async () => (await import('./commands/detach-interface.ts')).detachInterface,
  ),
  entry(
    'attach-device',
    'attach a device from an XML file',
    async () => (await import('./commands/attach-device.ts')).attachDevice,
  ),
  entry(
    'detach-device',
    'detach a device that an XML file describes',
    async () => (await import('./commands/detach-device.ts')).detachDevice,
  ),
  entry(
    'detach-device-alias',
    'detach a NIC by its alias',
    async () => (await import('./commands/detach-device-alias.ts')).detachDeviceAlias,
  ),
  entry(
    'update-device',
    'change a device from an XML file',
    async () => (await import('./commands/update-device.ts')).updateDevice,
  ),
];
