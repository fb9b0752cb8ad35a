/** True where all that `part` says is in `whole`, which may say more, but for lists: libvirt adds what it has chosen. */
export function covers(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part;
  if (typeof whole !== 'object' || whole === null) return false;
  if (Array.isArray(part) && Array.isArray(whole) && whole.length !== part.length) return false;
  const values = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([key, value]) => value === undefined || covers(values.get(key), value));
}
