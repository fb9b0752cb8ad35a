/** Compares names for sorting, as people count: `net2` stands before `net10`. */
export const naturalOrder: (left: string, right: string) => number = new Intl.Collator('en', { numeric: true }).compare;
