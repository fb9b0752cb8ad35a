/**
 * Where kvmnet keeps what it knows of a host, and who may write there. Root makes the directories; members of group libvirt, who may change
 * libvirt's networks and guests, write to the journal and open the lock. docs/security.md has the reasons.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { groupNumber, isRoot, userNumber } from './users.ts';

/** The state of this host. */
const hostDirectory = '/var/lib/kvmnet';

/** Its members may use the socket of libvirt's system daemon. */
const memberGroup = 'libvirt';

/** The file whose flock(2) keeps changes of this host apart. */
export const lockFile = join(hostDirectory, 'lock');

/** `KVMNET_STATE_DIR`, or /var/lib/kvmnet for root and the XDG state directory for other users. */
export function stateDirectory(): string {
  const own = (): string => join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'kvmnet');
  return chosenDirectory() ?? (isRoot() ? hostDirectory : own());
}

/** The directory that all users of this host share: `KVMNET_STATE_DIR`, or /var/lib/kvmnet. */
export function sharedDirectory(): string {
  return chosenDirectory() ?? hostDirectory;
}

function chosenDirectory(): string | undefined {
  const chosen = process.env.KVMNET_STATE_DIR;
  return chosen === '' ? undefined : chosen;
}

/** The journal in a state directory. */
export const journalIn = (directory: string): string => join(directory, 'journal');

/** The attributes of a file or directory that determine who can change it. */
interface Attributes {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Why a file or directory is not trusted, as ssh(1) has it; undefined where only this user and root, or members in a shared directory, can write. */
export function ownerFault(found: Attributes): string | undefined {
  if (found.uid !== 0 && found.uid !== userNumber())
    return `it belongs to the user with the number ${String(found.uid)}`;
  return (found.mode & 0o022) === 0 || isShared(found) ? undefined : 'other users can write it';
}

/** True for a directory in which each member of group libvirt can write files, and only root can change other users' files. */
export function isShared({ uid, gid, mode }: Attributes): boolean {
  const isOpen = (mode & 0o020) !== 0 && (mode & 0o002) === 0;
  return (
    isOpen && uid === 0 && (mode & constants.S_IFMT) === constants.S_IFDIR && (mode & sticky) !== 0 && gid === members()
  );
}

const sticky = 0o1000;

function members(): number | undefined {
  return groupNumber(memberGroup);
}

/**
 * Makes root's lock what it should be: a file that members of group libvirt can open.
 * @throws Error of the file system, or where another user's file is in its place
 */
export function makeLockFile(): void {
  const group = makeStateDirectory(hostDirectory);
  const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  const file = openSync(lockFile, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const found = fstatSync(file);
    if (!found.isFile() || found.uid !== 0) throw new Error(`${lockFile} is not a regular file of root's`);
    const mode = group === undefined ? 0o600 : 0o640;
    if (found.gid !== (group ?? 0)) fchownSync(file, 0, group ?? 0);
    if ((found.mode & 0o7777) !== mode) fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes the journal in root's state directory what it should be: one for all members of group libvirt.
 * @param directory the state directory; one that the user has chosen and that exists keeps its mode
 * @returns true where members could not read the journal before
 * @throws Error of the file system
 */
export function makeSharedJournal(directory: string): boolean {
  const group = makeStateDirectory(directory);
  const path = journalIn(directory);
  const isNew = mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined;
  if (group === undefined) return false;
  const { mode } = statSync(path);
  if (isNew || directory === hostDirectory) correct(path, 0o3770, group);
  return !isNew && (mode & 0o040) === 0 && isShared(statSync(path));
}

/** @returns the number of the group that uses it together with root; undefined where it is root's alone */
function makeStateDirectory(directory: string): number | undefined {
  const group = members();
  const isNew = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
  if (!isNew && directory !== hostDirectory) return group;
  correct(directory, group === undefined ? 0o700 : 0o755, 0);
  const files = join(directory, 'files');
  mkdirSync(files, { recursive: true, mode: 0o700 });
  correct(files, 0o700, 0);
  return group;
}

/** Gives a directory of root's its mode and group. One that other users could write keeps its mode: what is in it may be theirs. */
function correct(path: string, mode: number, group: number): void {
  const found = statSync(path);
  if (found.uid !== 0 || ownerFault(found) !== undefined) return;
  if (found.gid !== group) chownSync(path, 0, group);
  if ((found.mode & 0o7777) !== mode) chmodSync(path, mode);
}
