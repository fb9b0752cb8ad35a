/** Threads of the runtime's pool, and the lock of the dynamic linker. */
import { access } from 'node:fs';

/**
 * Starts threads of the runtime's pool, which loads code too. One that started later would wait for libvirt: a new thread needs the
 * lock of the dynamic linker.
 */
export function startPool(): void {
  for (let thread = 0; thread < 3; thread += 1) access('/', () => undefined);
}
