/** Why a domain is in its state, by libvirt's numbers (virDomain…Reason), in virsh's words. Source: libvirt-domain.h, virsh 9.0 */
const reasons: Readonly<Record<string, readonly string[]>> = {
  running: [
    ...['unknown', 'booted', 'migrated', 'restored', 'from snapshot', 'unpaused', 'migration canceled'],
    ...['save canceled', 'event wakeup', 'crashed', 'post-copy', 'post-copy failed'],
  ],
  paused: [
    ...['unknown', 'user', 'migrating', 'saving', 'dumping', 'I/O error', 'watchdog', 'from snapshot'],
    ...['shutting down', 'creating snapshot', 'crashed', 'starting up', 'post-copy', 'post-copy failed', 'api error'],
  ],
  'in shutdown': ['unknown', 'user'],
  'shut off': [
    ...['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot', 'daemon'],
  ],
  crashed: ['unknown', 'panicked'],
};

export function stateReason(state: string, reason: number): string {
  return reasons[state]?.[reason] ?? 'unknown';
}
