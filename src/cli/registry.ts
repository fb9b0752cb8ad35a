/** The commands: their names, their one-line help, and the modules with their code, which are loaded when they run. */
import type { CommandEntry } from './command.ts';
import { virshEntries } from './virsh/registry.ts';

/** The groups of commands. */
export const groups: Readonly<Record<string, string>> = {
  net: 'Manage libvirt networks',
  vm: 'Manage virtual machines (domains) and their NICs',
  bridge: 'Manage bridges of the host',
  vlan: 'Manage VLAN devices of the host',
  bond: 'Manage bonds: several NICs as one link',
  macvlan: 'Manage macvlan devices of the host',
  port: 'Manage bridge ports for network namespaces',
  host: 'Inspect and save the network configuration of the host',
};

const entry = (path: string, summary: string, load: CommandEntry['load']): CommandEntry => ({
  path: path.split(' '),
  summary,
  load,
});

/** A command that has virsh's name. */
const virshEntry = (name: string, summary: string, load: CommandEntry['load']): CommandEntry => ({
  ...entry(name, summary, load),
  isVirsh: true,
});

export const registry: readonly CommandEntry[] = [
  entry('net create', 'Create a network, start it and enable autostart', () => import('./commands/net/create.ts')),
  entry('net list', 'List all networks', () => import('./commands/net/list.ts')),
  entry('net show', 'Show networks with their guests and leases', () => import('./commands/net/show.ts')),
  entry('net xml', "Print a network's XML", () => import('./commands/net/xml.ts')),
  entry('net define', 'Define a network from an XML file', () => import('./commands/net/define.ts')),
  entry('net validate', "Check a network's XML file without defining it", () => import('./commands/net/validate.ts')),
  entry('net start', 'Start networks', () => import('./commands/net/start.ts')),
  entry('net stop', 'Stop networks', () => import('./commands/net/stop.ts')),
  entry('net set', 'Change a network, live if possible', () => import('./commands/net/set.ts')),
  entry('net edit', "Edit a network's XML in an editor", () => import('./commands/net/edit.ts')),
  entry('net restart', 'Stop and start networks, and reattach their guests', () => import('./commands/net/restart.ts')),
  entry('net heal', 'Repair active networks: reattach guests, restart dnsmasq', () => import('./commands/net/heal.ts')),
  entry('net autostart', 'Enable or disable autostart of networks', () => import('./commands/net/autostart.ts')),
  entry('net rename', 'Rename a network and update all references to it', () => import('./commands/net/rename.ts')),
  entry(
    'net clone',
    'Copy a network, with a free subnet and a new bridge, UUID and MAC',
    () => import('./commands/net/clone.ts'),
  ),
  entry(
    'net delete',
    'Stop and undefine networks, optionally moving their NICs first',
    () => import('./commands/net/delete.ts'),
  ),
  entry('net leases', 'List DHCP leases with their VMs and NICs', () => import('./commands/net/leases.ts')),
  entry('net reserve', 'Reserve an address for a guest', () => import('./commands/net/reserve.ts')),
  entry(
    'net release',
    'Remove reservations, and end leases of deleted guests',
    () => import('./commands/net/release.ts'),
  ),
  entry('net pin', 'Reserve the present addresses of guests', () => import('./commands/net/pin.ts')),
  entry('vm list', 'List all domains', () => import('./commands/vm/list.ts')),
  entry('vm show', 'Show domains: state, memory, NICs and addresses', () => import('./commands/vm/show.ts')),
  entry('vm xml', "Print a domain's XML", () => import('./commands/vm/xml.ts')),
  entry('vm define', 'Define a domain from an XML file', () => import('./commands/vm/define.ts')),
  entry('vm start', 'Start domains', () => import('./commands/vm/start.ts')),
  entry('vm stop', 'Shut domains down', () => import('./commands/vm/stop.ts')),
  entry('vm console', "Connect this terminal to a domain's serial console", () => import('./commands/vm/console.ts')),
  entry('vm reboot', 'Ask domains to reboot', () => import('./commands/vm/reboot.ts')),
  entry('vm suspend', 'Pause running domains', () => import('./commands/vm/suspend.ts')),
  entry('vm resume', 'Resume paused domains', () => import('./commands/vm/resume.ts')),
  entry('vm autostart', 'Enable or disable autostart of domains', () => import('./commands/vm/autostart.ts')),
  entry('vm edit', "Edit a domain's XML in an editor", () => import('./commands/vm/edit.ts')),
  entry(
    'vm delete',
    'Remove the definitions of domains, but keep their disks',
    () => import('./commands/vm/delete.ts'),
  ),
  entry('vm nics', 'List the NICs of domains, live and at the next boot', () => import('./commands/vm/nics.ts')),
  entry(
    'vm attach',
    'Attach a new NIC to a network, a bridge or a NIC of the host',
    () => import('./commands/vm/attach.ts'),
  ),
  entry('vm detach', 'Detach a NIC and verify that it is gone', () => import('./commands/vm/detach.ts')),
  entry('vm move', 'Move a NIC to another network without detaching it', () => import('./commands/vm/move.ts')),
  entry('vm link', "Set a NIC's link up or down", () => import('./commands/vm/link.ts')),
  entry('vm ip', 'Show the addresses of domains', () => import('./commands/vm/ip.ts')),
  entry('vm rate', 'Limit the bandwidth of a NIC', () => import('./commands/vm/rate.ts')),
  entry('vm stats', 'Show the traffic counters of NICs', () => import('./commands/vm/stats.ts')),
  entry('vm slots', 'Show free PCI slots for NICs, or add some', () => import('./commands/vm/slots.ts')),
  virshEntry(
    'domiflist',
    'List every NIC of every domain, or those of one domain as virsh does',
    () => import('./commands/domiflist.ts'),
  ),
  entry('bridge create', 'Create a bridge with ports and an address', () => import('./commands/bridge/create.ts')),
  entry('bridge list', 'List all bridges with their users', () => import('./commands/bridge/list.ts')),
  entry('bridge show', 'Show bridges: STP, ports, VLANs, guests', () => import('./commands/bridge/show.ts')),
  entry(
    'bridge macs',
    'List the MAC addresses that bridges have learned, with their owners',
    () => import('./commands/bridge/macs.ts'),
  ),
  entry('bridge stp', 'Enable or disable STP of a bridge', () => import('./commands/bridge/stp.ts')),
  entry('bridge set', 'Change settings of a bridge', () => import('./commands/bridge/set.ts')),
  entry('bridge add-port', 'Add NICs to a bridge', () => import('./commands/bridge/add-port.ts')),
  entry('bridge del-port', 'Remove ports from a bridge', () => import('./commands/bridge/del-port.ts')),
  entry('bridge delete', 'Delete bridges, after naming their users', () => import('./commands/bridge/delete.ts')),
  entry('vlan create', 'Create VLAN devices, each with a bridge for guests', () => import('./commands/vlan/create.ts')),
  entry('vlan list', 'List all VLAN devices with their users', () => import('./commands/vlan/list.ts')),
  entry('vlan delete', 'Delete VLAN devices', () => import('./commands/vlan/delete.ts')),
  entry('bond create', 'Combine several NICs into one link', () => import('./commands/bond/create.ts')),
  entry(
    'macvlan create',
    'Create a device through which the host reaches macvtap guests',
    () => import('./commands/macvlan/create.ts'),
  ),
  entry('port create', 'Create a port that leads to a network namespace', () => import('./commands/port/create.ts')),
  entry('host show', "Show the host's links, routes and forwarding", () => import('./commands/host/show.ts')),
  entry(
    'host lint',
    "Find mistakes in the host's network configuration files",
    () => import('./commands/host/lint.ts'),
  ),
  entry(
    'host persist',
    "Save the present links to the host's network configuration",
    () => import('./commands/host/persist.ts'),
  ),
  entry('history', "List kvmnet's changes, newest first", () => import('./commands/history.ts')),
  entry('undo', 'Undo a change', () => import('./commands/undo.ts')),
  entry('confirm', 'Confirm a change before it is reverted automatically', () => import('./commands/confirm.ts')),
  entry('rollback', 'Revert a change that is awaiting confirmation', () => import('./commands/rollback.ts')),
  entry('shell', 'Run commands from a prompt or a script, over one connection', () => import('./commands/shell.ts')),
  entry('virsh', 'Run a command as virsh does, with its options and output', () => import('./commands/virsh.ts')),
  ...virshEntries,
  entry('completion', 'Print the completion script for a shell', () => import('./commands/completion.ts')),
];
