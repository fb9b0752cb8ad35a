/** Configuration files of the host's network managers, here or by ssh: read whole, and written whole or not at all. */
import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KvmnetError } from '../../errors.ts';
import { linkAt, locate } from './below.ts';
import { asideOf, makeDirectory, makeFile, putInPlace, removeAsides, syncDirectory } from './files.ts';
import { run, type RunOptions } from '../run.ts';

/** A manager reads the files as a user of its own. */
const directoryMode = 0o755;

export interface ConfigFileReading {
  readonly text: string;
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Where the path is a symbolic link: where that leads to. */
  readonly link?: string | undefined;
}

export interface ConfigFilePlace {
  readonly path: string;
  /** The mounted image that it is in: no link leads out of it. */
  readonly root?: string;
}

export interface ConfigFileWrite extends ConfigFilePlace {
  /** Null removes the file. */
  readonly text: string | null;
  /** Of a new file, and so are the rest: one that exists keeps its own, and a link keeps leading to it. */
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly link?: string;
  /** The file that a new one gets its extended attributes from, where that exists. */
  readonly like?: string;
}

/** Returns a file as it is; undefined if it does not exist. */
export async function readConfigFile(
  { path, root = '/' }: ConfigFilePlace,
  options: RunOptions = {},
): Promise<ConfigFileReading | undefined> {
  if (options.on) return readRemote(path, options);
  const file = locate(root, path);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const { mode, uid, gid } = stat;
  const link = linkAt(locate(root, path, 'meant'));
  return { text: readFileSync(file, 'utf8'), mode: mode & 0o7777, owner: { uid, gid }, link };
}

/**
 * Writes a file aside and renames it over the old one.
 * @throws BACKEND where the file system refuses
 */
export async function writeConfigFile(file: ConfigFileWrite, options: RunOptions = {}): Promise<void> {
  if (options.on) return writeThere(file, options);
  try {
    if (file.text === null) removeLocal(file);
    else await writeLocal(file, file.text);
  } catch (cause) {
    if (cause instanceof KvmnetError) throw cause;
    throw new KvmnetError(
      'BACKEND',
      `cannot write ${file.path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

function removeLocal({ path, root = '/' }: ConfigFileWrite): void {
  const file = locate(root, path, 'meant');
  removeAsides(file);
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  rmSync(file);
  syncDirectory(dirname(file));
}

async function writeLocal({ path, root = '/', mode, owner, link, like }: ConfigFileWrite, text: string): Promise<void> {
  restoreLink(locate(root, path, 'meant'), link);
  const file = locate(root, path);
  makeDirectory(dirname(file), directoryMode);
  removeAsides(file);
  const aside = asideOf(file);
  const model = [file, ...(like === undefined ? [] : [locate(root, like)])].find((each) => existsSync(each));
  try {
    if (model === undefined) makeFile(aside, mode);
    else await copyAttributes(model, aside);
    if (model !== file) {
      if (owner) chownSync(aside, owner.uid, owner.gid);
      chmodSync(aside, mode);
    }
    putInPlace(aside, file, text);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function restoreLink(path: string, link: string | undefined): void {
  if (link === undefined || lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  makeDirectory(dirname(path), directoryMode);
  symlinkSync(link, path);
  syncDirectory(dirname(path));
}

/** Node.js knows of no ACLs, labels and other extended attributes. Source: cp(1). */
async function copyAttributes(from: string, to: string, options: RunOptions = {}): Promise<void> {
  await run('cp', ['--attributes-only', '--preserve=all', '--', from, to], options);
}

async function readRemote(path: string, options: RunOptions): Promise<ConfigFileReading | undefined> {
  if (!(await existsThere(path, options))) return undefined;
  const text = await run('cat', ['--', path], options);
  const [mode = '', uid, gid] = (await run('stat', ['-L', '-c', '%a %u %g', '--', path], options)).trim().split(' ');
  const link = await run('readlink', ['--', path], options).catch(() => undefined);
  return {
    text,
    mode: parseInt(mode, 8),
    owner: { uid: Number(uid), gid: Number(gid) },
    link: link?.replace(/\n$/, ''),
  };
}

async function writeThere(write: ConfigFileWrite, options: RunOptions): Promise<void> {
  const { path, text, mode, owner, link, like } = write;
  if (text === null) {
    await run('rm', ['-f', '--', path], options);
    return;
  }
  const makeFolderOf = (of: string): Promise<string> =>
    run('install', ['-d', '-m', directoryMode.toString(8), '--', dirname(of)], options);
  if (link !== undefined && !(await existsThere(path, options))) {
    await makeFolderOf(path);
    await run('ln', ['-sfT', '--', link, path], options);
  }
  const file = (await run('readlink', ['-m', '--', path], options)).replace(/\n$/, '');
  const aside = join(dirname(file), `.kvmnet-${basename(file)}.new`);
  await makeFolderOf(file);
  const isThere = await existsThere(file, options);
  await run('install', ['-m', mode.toString(8), '/dev/null', aside], options);
  if (isThere) await copyAttributes(file, aside, options);
  else {
    if (like !== undefined && (await existsThere(like, options))) await copyAttributes(like, aside, options);
    if (owner) await run('chown', [`${String(owner.uid)}:${String(owner.gid)}`, '--', aside], options);
    await run('chmod', [mode.toString(8), '--', aside], options);
  }
  await run('dd', [`of=${aside}`, 'conv=fsync', 'status=none'], { ...options, input: text });
  await run('mv', ['-fT', '--', aside, file], options);
}

async function existsThere(path: string, options: RunOptions): Promise<boolean> {
  try {
    await run('test', ['-e', path], options);
    return true;
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'BACKEND') return false;
    throw error;
  }
}
