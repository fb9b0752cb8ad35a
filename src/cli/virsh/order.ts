/** The order of virsh's lists: by strcasecmp(3), where only the letters A to Z are made small, and bytes compared. */
export function inVirshOrder<T>(items: readonly T[], key: (item: T) => string): T[] {
  const small = (item: T): Buffer => Buffer.from(key(item).replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return [...items].sort((left, right) => Buffer.compare(small(left), small(right)));
}
