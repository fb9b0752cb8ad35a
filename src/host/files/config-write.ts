/** Configuration files of the host's network managers, here or by ssh: read whole, and written whole or not at all. */
import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
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

/** One login for each file: prints mode and owner, the target of a link, and the text; nothing if the file does not exist. */
const readScript = `[ -e "$1" ] || exit 0
stat -L -c '%a %u %g' -- "$1"
readlink -- "$1" || echo
exec cat -- "$1"`;

async function readRemote(path: string, options: RunOptions): Promise<ConfigFileReading | undefined> {
  const printed = await run('sh', ['-c', readScript, 'sh', path], options);
  const [, mode = '', uid, gid, link = '', text = ''] = /^(\d+) (\d+) (\d+)\n(.*)\n([^]*)$/.exec(printed) ?? [];
  if (mode === '') return undefined;
  return {
    text,
    mode: parseInt(mode, 8),
    owner: { uid: Number(uid), gid: Number(gid) },
    ...(link === '' ? {} : { link }),
  };
}

/** The same for writing. Its arguments are empty where something does not apply. */
const writeScript = `set -e
path=$1 mode=$2 link=$3 owner=$4 like=$5
copy() { cp --attributes-only --preserve=all -- "$1" "$2"; }
if [ -n "$link" ] && [ ! -e "$path" ]; then
  install -d -m ${directoryMode.toString(8)} -- "$(dirname -- "$path")"
  ln -sfT -- "$link" "$path"
fi
file=$(readlink -m -- "$path")
folder=$(dirname -- "$file")
aside=$folder/.kvmnet-$(basename -- "$file").new
install -d -m ${directoryMode.toString(8)} -- "$folder"
install -m "$mode" /dev/null "$aside"
if [ -e "$file" ]; then
  copy "$file" "$aside"
else
  if [ -n "$like" ] && [ -e "$like" ]; then copy "$like" "$aside"; fi
  if [ -n "$owner" ]; then chown "$owner" -- "$aside"; fi
  chmod "$mode" -- "$aside"
fi
dd of="$aside" conv=fsync status=none
mv -fT -- "$aside" "$file"`;

async function writeThere(write: ConfigFileWrite, options: RunOptions): Promise<void> {
  const { path, text, mode, owner, link = '', like = '' } = write;
  if (text === null) {
    await run('rm', ['-f', '--', path], options);
    return;
  }
  const user = owner === undefined ? '' : `${String(owner.uid)}:${String(owner.gid)}`;
  await run('sh', ['-c', writeScript, 'sh', path, mode.toString(8), link, user, like], { ...options, input: text });
}
