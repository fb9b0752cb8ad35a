import { isVirtual } from '../../../state/network-kind.ts';
import type { Check } from './subject.ts';

/** A user's own daemon may neither make bridges nor write firewall rules: a network that needs them is defined, and fails at its start. */
export const checkSession: Check = ({ kind, state }, report) => {
  const { uri } = state.connection;
  if (!isVirtual(kind) || !/:\/\/[^/]*\/session(\?|$)/.test(uri)) return;
  const message = `${uri} is a daemon of one user, and ${kind} networks have a bridge, which only root may make`;
  const hint =
    'use -c qemu:///system, as root or as a member of the group libvirt; here, --bridge with a bridge of the host';
  report.error('DEPENDENCY', 'forward.mode', message, hint);
};
