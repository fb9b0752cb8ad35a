/** Shell patterns as fnmatch(3): `*`, `?` and `[…]`. */
export function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source.replaceAll('[!', '[^')}$`, 's').test(name);
  } catch {
    return pattern === name; // an open bracket is a character
  }
}
