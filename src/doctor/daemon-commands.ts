/** Commands for libvirt's daemons, as this host has them: by systemd or without, one daemon or one for each driver. */
import type { DaemonRecord } from '../records/daemon.ts';
import { packageCommand } from '../values/packages.ts';
import { shell, type Remedy } from './check.ts';

/** Whether a daemon of its own has the networks. */
export function isModular({ running, installed }: DaemonRecord): boolean {
  if (running.includes('libvirtd')) return false;
  return running.length > 0 ? running.includes('virtqemud') : !installed.includes('libvirtd');
}

/** Restarts the daemon of the networks; guests keep running. */
export function restartOfNetworks(daemons: DaemonRecord): Remedy {
  const name = isModular(daemons) ? 'virtnetworkd' : 'libvirtd';
  if (daemons.hasSystemd) return shell(`systemctl restart ${name}`);
  return shell(`pkill -x ${name}`, `while pidof ${name}; do sleep 0.2; done`, `${name} --daemon`);
}

/** Removes the existing calls of libvirt's chains from FORWARD. */
export const uncallChains =
  '{ for c in FWX FWI FWO; do iptables -D FORWARD -j LIBVIRT_$c; ip6tables -D FORWARD -j LIBVIRT_$c; done; } 2>/dev/null || true';

/**
 * Restarts the daemon that manages networks, so that it links its chains of iptables into FORWARD in its order. It adds a missing link in front of
 * the remaining links, and if LIBVIRT_FWO comes first, guests of routed networks reach guests of NAT networks.
 */
export function restartWithChains(daemons: DaemonRecord): Remedy {
  return shell(`${uncallChains}; ${restartOfNetworks(daemons).command}`);
}

/** Starts the daemons that guests and networks need. */
export function startOfDaemons(daemons: DaemonRecord): Remedy {
  const { installed, hasSystemd, distribution } = daemons;
  const names = isModular(daemons) ? ['virtqemud', 'virtnetworkd'] : ['libvirtd'];
  if (!names.some((name) => installed.includes(name))) {
    return shell(packageCommand('install', 'libvirt', distribution));
  }
  if (!hasSystemd) return shell(...names.map((name) => `${name} --daemon`));
  return shell(`systemctl enable --now ${names.map((name) => `${name}.socket`).join(' ')}`);
}
