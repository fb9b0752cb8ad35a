/** The first code of a process: libvirt, which takes longest to load, begins to do so before the rest of kvmnet. */
import { changingWords, withoutLibvirt } from './usage/likely-words.ts';

const [, program = '', ...words] = process.argv;

/**
 * Loads libvirt on another thread: for a look on a thread of the runtime's pool, for a change on its connection's thread. Returns what the end of the
 * process has to wait for.
 */
async function loadAhead(): Promise<() => Promise<void>> {
  const [first = '__'] = words;
  if (!first.startsWith('__') && !words.some((word) => withoutLibvirt.includes(word))) {
    if (words.some((word) => changingWords.includes(word))) {
      const { spareLoaded, startThreadAhead } = await import('../libvirt/connection.ts');
      startThreadAhead();
      return spareLoaded;
    }
    (await import('../libvirt/preload.ts')).preload();
  }
  return () => Promise.resolve();
}

void loadAhead().then(async (mayEnd) => (await import('./process.ts')).runProcess(program, words, mayEnd));
