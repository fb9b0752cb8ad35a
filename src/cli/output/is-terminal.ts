/** Whether a descriptor of this process is a terminal. */
import { fstatSync } from 'node:fs';

/** Major number of the memory devices, such as /dev/null. Source: kernel, Documentation/admin-guide/devices.txt */
const memoryDevices = 1;

/** True for a terminal that has not been closed. `node:tty` takes Bun 4 ms to load, so only where it can be one. */
export function isTerminal(fd: number): boolean {
  return mayBeTerminal(fd) && process.getBuiltinModule('node:tty').isatty(fd);
}

function mayBeTerminal(fd: number): boolean {
  try {
    const about = fstatSync(fd);
    return about.isCharacterDevice() && about.rdev >> 8 !== memoryDevices;
  } catch {
    return false; // it is closed
  }
}
