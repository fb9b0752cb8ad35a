/** Configuration files of the host's network managers, here or by ssh: read whole, and written whole or not at all. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { syncDirectory, writeWhole } from './files.ts';
import { run, type RunOptions } from './run.ts';

/** The content of a file; undefined where there is none. */
export async function readConfigFile(path: string, options: RunOptions = {}): Promise<string | undefined> {
  if (!options.on) return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  try {
    return await run('cat', ['--', path], options);
  } catch (error) {
    if (error instanceof KvmnetError && error.message.includes('No such file')) return undefined;
    throw error;
  }
}

/**
 * Writes a file aside and renames it over the old one; null removes it. One that is there keeps its mode.
 * @throws BACKEND where the file system refuses
 */
export async function writeConfigFile(
  path: string,
  text: string | null,
  mode: number,
  options: RunOptions = {},
): Promise<void> {
  if (options.on) return writeThere(path, text, mode, options);
  try {
    if (text !== null) {
      // A manager reads them as a user of its own.
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeWhole(path, text, existsSync(path) ? statSync(path).mode & 0o777 : mode);
    } else if (existsSync(path)) {
      rmSync(path);
      syncDirectory(dirname(path));
    }
  } catch (cause) {
    throw new KvmnetError('BACKEND', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function writeThere(path: string, text: string | null, mode: number, options: RunOptions): Promise<void> {
  if (text === null) {
    await run('rm', ['-f', '--', path], options);
    return;
  }
  const aside = `${path}.kvmnet.new`;
  await run('mkdir', ['-p', '--', dirname(path)], options);
  await run('install', ['-m', mode.toString(8), '/dev/null', aside], options);
  await run('dd', [`of=${aside}`, 'conv=fsync', 'status=none'], { ...options, input: text });
  await run('mv', ['-f', '--', aside, path], options);
}
