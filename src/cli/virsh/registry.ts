/** virsh's own names for what it does with networks, interfaces and filters: each with its one line of help and its code. */
import { KvmnetError } from '../../errors.ts';
import { suggestion } from '../../values/nearest.ts';
import { virshDomainEntries } from './domain-registry.ts';
import type { VirshDefinition } from './grammar/definition.ts';
import { virshEntry as entry, type VirshEntry } from './entry.ts';

const netList = () => import('./commands/net-list.ts');
const netLook = () => import('./commands/net-look.ts');
const netLifecycle = () => import('./commands/net-lifecycle.ts');
const netEdit = () => import('./commands/net-edit.ts');
const netUpdate = () => import('./commands/net-update.ts');
const netEvent = () => import('./commands/net-event.ts');
const netMetadata = () => import('./commands/net-metadata.ts');
const netPort = () => import('./commands/net-port.ts');
const iface = () => import('./commands/iface.ts');
const ifaceBridge = () => import('./commands/iface-bridge.ts');
const nwfilter = () => import('./commands/nwfilter.ts');

/** Hidden in `kvmnet --help`, where one line names `kvmnet help virsh`. */
export const virshEntries: readonly VirshEntry[] = [
  entry('net-list', 'list networks', async () => (await netList()).netList),
  entry('net-info', 'name, UUID, states and bridge of a network', async () => (await netLook()).netInfo),
  entry('net-name', 'the name of the network with a UUID', async () => (await netLook()).netName),
  entry('net-uuid', 'the UUID of the network with a name', async () => (await netLook()).netUuid),
  entry('net-dumpxml', "print a network's XML", async () => (await netLook()).netDumpxml),
  entry('net-dhcp-leases', 'list the DHCP leases of a network', async () => (await netLook()).netDhcpLeases),
  entry('net-define', 'define a network from an XML file, or change it', async () => (await netLifecycle()).netDefine),
  entry(
    'net-create',
    'make and start a transient network from an XML file',
    async () => (await netLifecycle()).netCreate,
  ),
  entry('net-start', 'start a network', async () => (await netLifecycle()).netStart),
  entry('net-destroy', 'stop a network', async () => (await netLifecycle()).netDestroy),
  entry('net-undefine', 'remove the definition of a network', async () => (await netLifecycle()).netUndefine),
  entry('net-autostart', 'have a network started at boot, or not', async () => (await netLifecycle()).netAutostart),
  entry('net-edit', "edit a network's XML", async () => (await netEdit()).netEdit),
  entry('net-update', 'change a part of a network without a restart', async () => (await netUpdate()).netUpdate),
  entry('net-event', 'wait for something to happen to networks', async () => (await netEvent()).netEvent),
  entry('net-desc', "show or set a network's description or title", async () => (await netMetadata()).netDesc),
  entry('net-metadata', "show or set a network's metadata", async () => (await netMetadata()).netMetadata),
  entry('net-port-list', 'list the ports of a network', async () => (await netPort()).netPortList),
  entry('net-port-create', 'make a port from an XML file', async () => (await netPort()).netPortCreate),
  entry('net-port-dumpxml', "print a port's XML", async () => (await netPort()).netPortDumpxml),
  entry('net-port-delete', 'delete a port', async () => (await netPort()).netPortDelete),
  ...virshDomainEntries,
  entry('iface-list', 'list the interfaces of the host', async () => (await iface()).ifaceList),
  entry('iface-name', 'the name of the interface with a MAC address', async () => (await iface()).ifaceName),
  entry('iface-mac', 'the MAC address of an interface', async () => (await iface()).ifaceMac),
  entry('iface-dumpxml', "print an interface's XML", async () => (await iface()).ifaceDumpxml),
  entry('iface-define', 'define an interface from an XML file', async () => (await iface()).ifaceDefine),
  entry('iface-undefine', 'remove the definition of an interface', async () => (await iface()).ifaceUndefine),
  entry('iface-edit', "edit an interface's XML", async () => (await iface()).ifaceEdit),
  entry('iface-start', 'bring an interface up', async () => (await iface()).ifaceStart),
  entry('iface-destroy', 'take an interface down', async () => (await iface()).ifaceDestroy),
  entry('iface-bridge', 'make a bridge over an interface', async () => (await ifaceBridge()).ifaceBridge),
  entry('iface-unbridge', 'take a bridge away', async () => (await ifaceBridge()).ifaceUnbridge),
  entry('iface-begin', 'remember the configuration of all interfaces', async () => (await iface()).ifaceBegin),
  entry('iface-commit', 'keep what was changed since then', async () => (await iface()).ifaceCommit),
  entry('iface-rollback', 'go back to what was then', async () => (await iface()).ifaceRollback),
  entry('nwfilter-list', 'list network filters', async () => (await nwfilter()).nwfilterList),
  entry('nwfilter-dumpxml', "print a filter's XML", async () => (await nwfilter()).nwfilterDumpxml),
  entry(
    'nwfilter-define',
    'define a filter from an XML file, or change it',
    async () => (await nwfilter()).nwfilterDefine,
  ),
  entry('nwfilter-undefine', 'remove a filter', async () => (await nwfilter()).nwfilterUndefine),
  entry('nwfilter-edit', "edit a filter's XML", async () => (await nwfilter()).nwfilterEdit),
  entry(
    'nwfilter-binding-list',
    'list which filter applies to which tap',
    async () => (await nwfilter()).nwfilterBindingList,
  ),
  entry('nwfilter-binding-dumpxml', "print a binding's XML", async () => (await nwfilter()).nwfilterBindingDumpxml),
  entry(
    'nwfilter-binding-create',
    'attach a filter to a tap, from an XML file',
    async () => (await nwfilter()).nwfilterBindingCreate,
  ),
  entry(
    'nwfilter-binding-delete',
    'take a filter away from a tap',
    async () => (await nwfilter()).nwfilterBindingDelete,
  ),
];

const byName = new Map(virshEntries.map((each) => [each.path.join(' '), each]));

export const virshNames: ReadonlySet<string> = new Set(byName.keys());

/** How a command of virsh's is written. Throws USAGE where a line of several commands has one that is not virsh's. */
export async function virshDefinition(name: string): Promise<VirshDefinition> {
  const known = byName.get(name);
  if (known) return known.definition();
  throw new KvmnetError('USAGE', `${name} is not one of virsh's commands for networks and interfaces`, {
    hint: suggestion(name, byName.keys(), 'kvmnet help virsh lists them'),
  });
}
