/**
 * True if `whole` has everything that `part` has, and possibly more: libvirt adds values that it chose. Lists
 * must be equal.
 */
export function covers(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part;
  if (typeof whole !== 'object' || whole === null) return false;
  if (Array.isArray(part) && Array.isArray(whole) && whole.length !== part.length) return false;
  const values = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([key, value]) => value === undefined || covers(values.get(key), value));
}
