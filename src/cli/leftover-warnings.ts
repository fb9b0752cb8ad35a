/** Warnings of read-only commands about interrupted runs. Most hosts have none: then only the journal is listed. */
import { mayBeUnfinished } from '../apply/journal/journal-folders.ts';

/** Returns warnings about this URI's daemon. */
export async function leftoverWarnings(uri: string): Promise<readonly string[]> {
  if (!mayBeUnfinished()) return [];
  const { brokenOffTexts } = await import('./leftover-text.ts');
  return brokenOffTexts(uri);
}
