/** Start-up: libvirt.so.0 brings fifty libraries with it, and takes long to load. */
import koffi from 'koffi';
import { startPool } from './ffi/pool.ts';

const RTLD_LAZY = 1;

/** Begins to load libvirt.so.0 on a thread of koffi, so that later users wait less. @see dlopen(3) */
export function preload(): void {
  startPool();
  const dlopen = koffi.load(null).func('void *dlopen(const char *file, int mode)');
  dlopen.async('libvirt.so.0', RTLD_LAZY, () => undefined);
}
