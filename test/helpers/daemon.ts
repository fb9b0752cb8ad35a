/** The private host's own libvirtd: killed, stopped and started. */
import { must, run, virsh } from './host.ts';
import { waitFor } from './wait.ts';

/**
 * Sends a signal to processes, of which each may have ended by now: one takes another along, or it was a child for a moment. What has
 * to come of it is for the caller to wait for.
 */
export async function signalAll(signal: string, pids: string): Promise<void> {
  const all = pids.split(/\s+/).filter((pid) => pid !== '');
  if (all.length > 0) await run('kill', [`-${signal}`, ...all]);
}

export async function signalDaemon(signal: 'KILL' | 'TERM' | 'STOP' | 'CONT'): Promise<void> {
  await signalAll(signal, (await run('pidof', ['libvirtd'])).stdout);
}

/** Ends it: by SIGKILL as a crash does, or as an administrator. */
export async function stopDaemon(signal: 'KILL' | 'TERM' = 'TERM'): Promise<void> {
  await signalDaemon(signal);
  await waitFor('libvirtd to end', async () => (await run('pidof', ['libvirtd'])).status !== 0);
}

export async function startDaemon(): Promise<void> {
  // A killed one holds the lock of its PID file until its last thread has ended; `pidof` names it no more by then.
  await waitFor('libvirtd to start', async () => must('libvirtd', ['--daemon']).then(() => true), { seconds: 30 });
  await waitFor('libvirtd to answer', async () => {
    await virsh('uri');
    return true;
  });
}

export async function restartDaemon(): Promise<void> {
  await stopDaemon();
  await startDaemon();
}
