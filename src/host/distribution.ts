/** The distribution of this machine. */
import { existsSync } from 'node:fs';
import { textOf } from './lenient.ts';

/** Returns ID and ID_LIKE of os-release, the nearest first: `ubuntu`, `debian`; nothing if it has none. @see os-release(5) */
export function readDistribution(): readonly string[] {
  const text = textOf(existsSync('/etc/os-release') ? '/etc/os-release' : '/usr/lib/os-release');
  return ['ID', 'ID_LIKE'].flatMap((key) => {
    const value = new RegExp(`^${key}=["']?([^"'\n]*)`, 'm').exec(text)?.[1] ?? '';
    return value.split(/\s+/).filter((word) => word !== '');
  });
}
