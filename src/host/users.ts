/** Users and groups by number and by name. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** True where this process has root's rights. */
export function isRoot(): boolean {
  return userNumber() === 0;
}

/** The number of the user whose rights this process has. */
export function userNumber(): number {
  return process.geteuid?.() ?? -1;
}

/**
 * The name of a user; `uid NUMBER` where /etc/passwd has none.
 * @see passwd(5)
 */
export function nameOfUser(uid: number): string {
  const line = lines('/etc/passwd').find((fields) => fields[2] === String(uid));
  return line?.[0] ?? (uid === userNumber() ? ownName() : undefined) ?? `uid ${String(uid)}`;
}

/** The user who runs this command: behind sudo(8), the user who called it. */
export function currentUser(): string {
  const caller = isRoot() ? process.env.SUDO_USER : undefined;
  return caller === undefined || caller === '' ? nameOfUser(userNumber()) : caller;
}

/**
 * The number of a group of this host; undefined where /etc/group does not have it.
 * @see group(5)
 */
export function groupNumber(name: string): number | undefined {
  const number = lines('/etc/group').find((fields) => fields[0] === name)?.[2];
  return number === undefined || !/^\d+$/.test(number) ? undefined : Number(number);
}

/** Also of a user whom only a directory service knows. */
function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined; // A container may run with a number that has no name.
  }
}

function lines(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return []; // A host without the file has no such names.
  }
}
