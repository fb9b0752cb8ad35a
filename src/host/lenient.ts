/** Readings in which a file that is missing, or has just gone, is an answer and no error: of /proc and of daemons' folders. */
import { readdirSync, readFileSync } from 'node:fs';

/** The names in a folder; none if it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The text of a file; empty if it cannot be read. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
