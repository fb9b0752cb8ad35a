/** The private host's own libvirtd: killed, stopped and started. */
import { must, run, virsh } from './host.ts';
import { waitFor } from './wait.ts';

/** Ends it: by SIGKILL as a crash does, or as an administrator. */
export async function stopDaemon(signal: 'KILL' | 'TERM' = 'TERM'): Promise<void> {
  const { stdout } = await run('pidof', ['libvirtd']);
  const pids = stdout
    .trim()
    .split(' ')
    .filter((pid) => pid !== '');
  if (pids.length > 0) await must('kill', [`-${signal}`, ...pids]);
  await waitFor('libvirtd to end', async () => (await run('pidof', ['libvirtd'])).status !== 0);
}

export async function startDaemon(): Promise<void> {
  await must('libvirtd', ['--daemon']);
  await waitFor('libvirtd to answer', async () => {
    await virsh('uri');
    return true;
  });
}

export async function restartDaemon(): Promise<void> {
  await stopDaemon();
  await startDaemon();
}
