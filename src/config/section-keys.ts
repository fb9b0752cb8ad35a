/** Which keys each section of an INI-like file knows. */

/** The keys of each section; none where any key will do. */
export type SectionKeys = ReadonlyMap<string, readonly string[]>;

export function sections(known: Readonly<Record<string, string>>, others: string): SectionKeys {
  const words = (text: string): readonly string[] => text.trim().split(/\s+/);
  const tables = new Map(Object.entries(known).map(([name, keys]) => [name, words(keys)]));
  for (const name of words(others)) tables.set(name, []);
  return tables;
}
