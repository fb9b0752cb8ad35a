/** Names of the files with readings next to an entry of the journal. Separate from seen.ts, which needs the readers: reports do without. */

export const seenName = (id: string, user: number): string => `${id}.${String(user)}.seen`;

/** The id in the name of a file with readings; undefined for other files. */
export const seenId = (name: string): string | undefined => /^(.+)\.\d+\.seen$/.exec(name)?.[1];
