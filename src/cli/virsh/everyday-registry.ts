/** virsh's everyday commands on domains and on the connection: behind the word `virsh` only, for kvmnet's own names are others. */
import { virshEntry as entry, type VirshEntry } from './entry.ts';

const lifecycle = () => import('./commands/dom-lifecycle.ts');
const definition = () => import('./commands/dom-define.ts');
const look = () => import('./commands/dom-look.ts');
const host = () => import('./commands/host-look.ts');

/** Domain Management, as virsh groups its commands. */
export const managementEntries: readonly VirshEntry[] = [
  entry('autostart', 'autostart a domain', async () => (await lifecycle()).autostart),
  entry('console', 'connect to the guest console', async () => (await import('./commands/dom-console.ts')).console),
  entry('define', 'define (but do not start) a domain from an XML file', async () => (await definition()).define),
  entry('destroy', 'destroy (stop) a domain', async () => (await lifecycle()).destroy),
  entry('domid', 'convert a domain name or UUID to domain id', async () => (await look()).domid),
  entry('domname', 'convert a domain id or UUID to domain name', async () => (await look()).domname),
  entry('domuuid', 'convert a domain name or id to domain UUID', async () => (await look()).domuuid),
  entry('dumpxml', 'domain information in XML', async () => (await look()).dumpxml),
  entry('edit', 'edit XML configuration for a domain', async () => (await definition()).edit),
  entry('reboot', 'reboot a domain', async () => (await lifecycle()).reboot),
  entry('resume', 'resume a domain', async () => (await lifecycle()).resume),
  entry('shutdown', 'gracefully shutdown a domain', async () => (await lifecycle()).shutdown),
  entry('start', 'start a (previously defined) inactive domain', async () => (await lifecycle()).start),
  entry('suspend', 'suspend a domain', async () => (await lifecycle()).suspend),
  entry('undefine', 'undefine a domain', async () => (await lifecycle()).undefine),
];

/** Domain Monitoring. */
export const monitoringEntries: readonly VirshEntry[] = [
  entry(
    'domiflist',
    'list all domain virtual interfaces',
    async () => (await import('./commands/domiflist.ts')).domiflist,
  ),
  entry('dominfo', 'domain information', async () => (await look()).dominfo),
  entry('domstate', 'domain state', async () => (await look()).domstate),
  entry('list', 'list domains', async () => (await import('./commands/dom-list.ts')).list),
];

/** Host and Hypervisor. */
export const hypervisorEntries: readonly VirshEntry[] = [
  entry('hostname', 'print the hypervisor hostname', async () => (await host()).hostname),
  entry('nodeinfo', 'node information', async () => (await host()).nodeinfo),
  entry('uri', 'print the hypervisor canonical URI', async () => (await host()).uri),
  entry('version', 'show version', async () => (await host()).version),
];
