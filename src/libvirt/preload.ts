/** Start-up: libvirt.so.0 brings fifty libraries with it, and takes long to load. */
import { access } from 'node:fs';

const RTLD_LAZY = 1;

/** Begins to load libvirt.so.0 on a thread of koffi, so that later users wait less. @see dlopen(3) */
export async function preload(): Promise<void> {
  const { default: koffi } = await import('koffi');
  startPool();
  const dlopen = koffi.load(null).func('void *dlopen(const char *file, int mode)');
  dlopen.async('libvirt.so.0', RTLD_LAZY, () => undefined);
}

/**
 * Starts threads of the runtime's pool, which loads code too. One that started later would wait for libvirt: a new thread needs the
 * lock of the dynamic linker.
 */
export function startPool(): void {
  for (let thread = 0; thread < 3; thread += 1) access('/', () => undefined);
}
