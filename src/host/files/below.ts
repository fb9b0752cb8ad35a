/** Paths below a root directory, `/` or the root of a mounted image, whose symbolic links are resolved as on a system with that root. */
import { readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KvmnetError } from '../../errors.ts';

/** As many as the kernel follows in one path. */
const mostLinks = 40;

/**
 * The file that a path means, with every symbolic link on the way followed below `root`, as chroot(2) does: an absolute link begins there, and
 * `..` does not lead out of it. What does not exist is taken as it stands.
 * @param path begins with `root`
 * @param last what becomes of a link that the path itself is: followed, or meant
 * @throws INPUT for links that lead in a circle
 */
export function locate(root: string, path: string, last: 'followed' | 'meant' = 'followed'): string {
  const base = join(resolve(root), '/');
  const whole = resolve(path);
  const left = whole.slice(whole.startsWith(base) ? base.length : 0).split('/');
  const names: string[] = [];
  let links = 0;
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      names.pop();
      continue;
    }
    const target = left.length === 0 && last === 'meant' ? undefined : linkAt(join(root, ...names, name));
    if (target === undefined) {
      names.push(name);
      continue;
    }
    links += 1;
    if (links > mostLinks) {
      throw new KvmnetError('INPUT', `cannot read ${path}: its symbolic links lead in a circle`, {
        hint: `see where they lead: namei ${path}`,
      });
    }
    if (target.startsWith('/')) names.length = 0;
    left.unshift(...target.split('/'));
  }
  return join(root, ...names);
}

/** The target of a symbolic link; undefined for anything else. */
export function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
