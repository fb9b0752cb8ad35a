/** Every command's place, one line of help, and where its code is: the code is loaded when the command runs. */
import type { CommandEntry } from './command.ts';
import { virshEntries } from './virsh/registry.ts';

/** What the groups are about. */
export const groups: Readonly<Record<string, string>> = {
  net: 'libvirt networks',
  vm: 'virtual machines (domains) and their NICs',
  bridge: 'bridges of the host',
  vlan: 'VLAN devices of the host',
  bond: 'bonds: several NICs as one',
  macvlan: 'macvlan devices of the host',
  port: 'ports of bridges for network namespaces',
  host: 'the host itself',
};

const entry = (path: string, summary: string, load: CommandEntry['load']): CommandEntry => ({
  path: path.split(' '),
  summary,
  load,
});

/** A command under the name that it has in virsh. */
const virshEntry = (name: string, summary: string, load: CommandEntry['load']): CommandEntry => ({
  ...entry(name, summary, load),
  isVirsh: true,
});

export const registry: readonly CommandEntry[] = [
  entry(
    'net create',
    'make a network, start it, and have it started at boot',
    () => import('./commands/net/create.ts'),
  ),
  entry('net list', 'list all networks', () => import('./commands/net/list.ts')),
  entry('net show', 'show networks, with their guests and leases', () => import('./commands/net/show.ts')),
  entry('net xml', "print a network's XML", () => import('./commands/net/xml.ts')),
  entry('net define', 'define a network from an XML file', () => import('./commands/net/define.ts')),
  entry('net validate', 'check an XML file, and change nothing', () => import('./commands/net/validate.ts')),
  entry('net start', 'start networks', () => import('./commands/net/start.ts')),
  entry('net stop', 'stop networks', () => import('./commands/net/stop.ts')),
  entry('net set', 'change a network: live where that is possible', () => import('./commands/net/set.ts')),
  entry('net edit', "change a network's XML in an editor", () => import('./commands/net/edit.ts')),
  entry(
    'net restart',
    'stop and start networks, and plug their guests back',
    () => import('./commands/net/restart.ts'),
  ),
  entry(
    'net heal',
    'mend what libvirt calls active: plug guests back, revive dnsmasq',
    () => import('./commands/net/heal.ts'),
  ),
  entry('net autostart', 'have networks started at boot, or not', () => import('./commands/net/autostart.ts')),
  entry(
    'net rename',
    'give a network another name, with all that refer to it',
    () => import('./commands/net/rename.ts'),
  ),
  entry(
    'net clone',
    'copy a network: free subnet and bridge, new UUID and MAC',
    () => import('./commands/net/clone.ts'),
  ),
  entry('net delete', 'stop and undefine networks, or move their NICs first', () => import('./commands/net/delete.ts')),
  entry('net leases', 'DHCP leases, with the VM and NIC that has each', () => import('./commands/net/leases.ts')),
  entry('net reserve', 'keep an address for a guest', () => import('./commands/net/reserve.ts')),
  entry(
    'net release',
    'remove reservations, and end leases of guests that are gone',
    () => import('./commands/net/release.ts'),
  ),
  entry('net pin', 'reserve the addresses that guests have', () => import('./commands/net/pin.ts')),
  entry('vm list', 'list all domains', () => import('./commands/vm/list.ts')),
  entry('vm show', 'show domains: state, memory, NICs and addresses', () => import('./commands/vm/show.ts')),
  entry('vm xml', "print a domain's XML", () => import('./commands/vm/xml.ts')),
  entry('vm define', 'define a domain from an XML file', () => import('./commands/vm/define.ts')),
  entry('vm start', 'start domains', () => import('./commands/vm/start.ts')),
  entry('vm stop', 'shut domains down', () => import('./commands/vm/stop.ts')),
  entry('vm console', "a domain's serial console at this terminal", () => import('./commands/vm/console.ts')),
  entry('vm reboot', 'ask domains to reboot', () => import('./commands/vm/reboot.ts')),
  entry('vm suspend', 'pause running domains', () => import('./commands/vm/suspend.ts')),
  entry('vm resume', 'let paused domains go on', () => import('./commands/vm/resume.ts')),
  entry('vm autostart', 'have domains started at boot, or not', () => import('./commands/vm/autostart.ts')),
  entry('vm edit', "change a domain's XML in an editor", () => import('./commands/vm/edit.ts')),
  entry('vm delete', 'remove the definitions of domains; disks stay', () => import('./commands/vm/delete.ts')),
  entry('vm nics', 'list the NICs of domains, live and at the next boot', () => import('./commands/vm/nics.ts')),
  entry(
    'vm attach',
    'plug a new NIC into a network, a bridge or a NIC of the host',
    () => import('./commands/vm/attach.ts'),
  ),
  entry('vm detach', 'take a NIC out, and see that it is gone', () => import('./commands/vm/detach.ts')),
  entry('vm move', 'plug a NIC into another network, without taking it out', () => import('./commands/vm/move.ts')),
  entry('vm link', "switch a NIC's link up or down", () => import('./commands/vm/link.ts')),
  entry('vm ip', 'the addresses of domains', () => import('./commands/vm/ip.ts')),
  entry('vm rate', 'limit what a NIC receives and sends', () => import('./commands/vm/rate.ts')),
  entry('vm stats', 'what NICs have received and sent', () => import('./commands/vm/stats.ts')),
  entry('vm slots', 'free PCI slots for NICs, and more of them', () => import('./commands/vm/slots.ts')),
  virshEntry(
    'domiflist',
    'every NIC of every domain, or of one as virsh prints it',
    () => import('./commands/domiflist.ts'),
  ),
  entry(
    'bridge create',
    'make a bridge of the host, with ports and an address',
    () => import('./commands/bridge/create.ts'),
  ),
  entry('bridge list', 'list all bridges of the host, with their users', () => import('./commands/bridge/list.ts')),
  entry('bridge show', 'show bridges: STP, ports, VLANs, guests', () => import('./commands/bridge/show.ts')),
  entry(
    'bridge macs',
    'MAC addresses that bridges have heard, and whose they are',
    () => import('./commands/bridge/macs.ts'),
  ),
  entry('bridge stp', 'switch STP of a bridge on or off', () => import('./commands/bridge/stp.ts')),
  entry('bridge set', 'change settings of a bridge', () => import('./commands/bridge/set.ts')),
  entry('bridge add-port', 'make NICs ports of a bridge', () => import('./commands/bridge/add-port.ts')),
  entry('bridge del-port', 'take ports out of a bridge', () => import('./commands/bridge/del-port.ts')),
  entry('bridge delete', 'delete bridges, and say who uses them', () => import('./commands/bridge/delete.ts')),
  entry('vlan create', 'make VLAN devices, each with a bridge for guests', () => import('./commands/vlan/create.ts')),
  entry('vlan list', 'list all VLAN devices, with their users', () => import('./commands/vlan/list.ts')),
  entry('vlan delete', 'delete VLAN devices', () => import('./commands/vlan/delete.ts')),
  entry('bond create', 'make one link of several NICs', () => import('./commands/bond/create.ts')),
  entry(
    'macvlan create',
    'make a device by which the host reaches macvtap guests',
    () => import('./commands/macvlan/create.ts'),
  ),
  entry('port create', 'make a port with a network namespace behind it', () => import('./commands/port/create.ts')),
  entry('host show', "show the host's links, routes and forwarding", () => import('./commands/host/show.ts')),
  entry(
    'host lint',
    "find mistakes in the host's network configuration files",
    () => import('./commands/host/lint.ts'),
  ),
  entry(
    'host persist',
    'write what is for the manager that brings it up at boot',
    () => import('./commands/host/persist.ts'),
  ),
  entry('history', 'what kvmnet has changed, newest first', () => import('./commands/history.ts')),
  entry('undo', 'take a change back', () => import('./commands/undo.ts')),
  entry('confirm', 'keep a change that would be taken back by itself', () => import('./commands/confirm.ts')),
  entry('rollback', 'take a change back that waits for its confirmation', () => import('./commands/rollback.ts')),
  entry(
    'shell',
    'an interactive prompt, or a script: one process, one connection',
    () => import('./commands/shell.ts'),
  ),
  entry(
    'virsh',
    "virsh's own names, with virsh's flags and output: kvmnet help virsh",
    () => import('./commands/virsh.ts'),
  ),
  ...virshEntries,
  entry('completion', 'print the completion script of a shell', () => import('./commands/completion.ts')),
];
