/** Commands for libvirt's daemons, as this host has them: by systemd or without, one daemon or one for each driver. */
import type { DaemonRecord } from '../records/daemon.ts';
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

/** Starts the daemons that guests and networks need. */
export function startOfDaemons(daemons: DaemonRecord): Remedy {
  const { installed, hasSystemd } = daemons;
  const names = isModular(daemons) ? ['virtqemud', 'virtnetworkd'] : ['libvirtd'];
  if (!names.some((name) => installed.includes(name))) {
    return shell('apt-get install libvirt-daemon-system');
  }
  if (!hasSystemd) return shell(...names.map((name) => `${name} --daemon`));
  return shell(`systemctl enable --now ${names.map((name) => `${name}.socket`).join(' ')}`);
}
