/** All checks of `kvmnet doctor`, in the order in which their findings are worth reading. */
import type { Check } from './check.ts';
import { addressChecks } from './checks/addresses.ts';
import { bridgeChecks } from './checks/bridges.ts';
import { daemonChecks } from './checks/daemons.ts';
import { fileChecks } from './checks/files.ts';
import { firewallChecks } from './checks/firewall.ts';
import { forwardChecks } from './checks/forwards.ts';
import { healthChecks } from './checks/health.ts';
import { kernelChecks } from './checks/kernel.ts';
import { linkChecks } from './checks/links.ts';
import { machineChecks } from './checks/machines.ts';
import { networkChecks } from './checks/networks.ts';
import { portChecks } from './checks/ports.ts';

/** Checks of one subject, with its heading in docs/troubleshooting.md. */
export interface CheckGroup {
  readonly subject: string;
  readonly checks: readonly Check[];
}

export const checkGroups: readonly CheckGroup[] = [
  { subject: 'Daemons and programs', checks: daemonChecks },
  { subject: 'State of networks', checks: healthChecks },
  { subject: 'Definitions of networks', checks: networkChecks },
  { subject: 'Subnets, reservations and leases', checks: addressChecks },
  { subject: 'VMs', checks: machineChecks },
  { subject: 'Bridges and bonds', checks: bridgeChecks },
  { subject: 'Ports', checks: portChecks },
  { subject: 'NICs and VLANs', checks: linkChecks },
  { subject: 'Kernel', checks: kernelChecks },
  { subject: 'Firewall', checks: firewallChecks },
  { subject: 'Port forwards', checks: forwardChecks },
  { subject: 'Other programs and files', checks: fileChecks },
];

export const doctorChecks: readonly Check[] = checkGroups.flatMap(({ checks }) => checks);
