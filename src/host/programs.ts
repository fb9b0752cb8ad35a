/** Which programs this machine has. */
import { accessSync, constants } from 'node:fs';
import { searchPath } from './run.ts';

/** True where a program of this name may be run; the same directories are searched as when kvmnet runs one. */
export function isInstalled(name: string): boolean {
  return searchPath.split(':').some((directory) => {
    try {
      accessSync(`${directory}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
