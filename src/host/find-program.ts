/** Where a program is that the user's own shell would start. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the first program of this name in the directories of $PATH; undefined if none exists.
 * @param except a file to skip, under any link to it
 */
export function findProgram(name: string, except: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':');
  const self = realPath(except);
  return folders
    .map((folder) => join(folder === '' ? '.' : folder, name))
    .find((file) => isProgram(file) && realPath(file) !== self);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
