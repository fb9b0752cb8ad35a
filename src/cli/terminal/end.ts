/** The end of the process where the usual one would wait. */

/**
 * Ends the process without waiting for a thread that may hang in libvirt. Listeners of the event `exit` run first: they remove temporary
 * files, and restore terminals and streams.
 */
export async function endAtOnce(status: number): Promise<never> {
  const { exitNow } = await import('../../libvirt/ffi/exit.ts');
  process.emit('exit', status);
  return exitNow(status);
}
