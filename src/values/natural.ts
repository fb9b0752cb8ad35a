/** Compares names in natural order: `net2` comes before `net10`. */
export const naturalOrder: (left: string, right: string) => number = new Intl.Collator('en', { numeric: true }).compare;
