/** The end of the process where the usual one would wait. */
import { restoreBlocking } from '../output/blocking.ts';

/** Ends the process without waiting for a thread that may hang in libvirt. */
export async function endAtOnce(status: number): Promise<never> {
  const { exitNow } = await import('../../libvirt/ffi/exit.ts');
  restoreBlocking();
  return exitNow(status);
}
