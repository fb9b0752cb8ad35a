/** Texts of sections with KEY=VALUE lines: systemd-networkd's and NetworkManager's files. */

export interface Section {
  readonly name: string;
  /** Those without a value are left out. */
  readonly entries: readonly (readonly [key: string, value: string | number | boolean | undefined])[];
}

/** Sections without an entry are left out; `comment` comes first. */
export function keyfileText(comment: string, sections: readonly Section[]): string {
  const parts = sections.flatMap(({ name, entries }) => {
    const lines = entries.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${String(value)}`]));
    return lines.length === 0 ? [] : [`[${name}]\n${lines.join('\n')}\n`];
  });
  return `# ${comment}\n${parts.join('\n')}`;
}

/** The first line of a file that kvmnet writes. */
export const ownComment = 'Written by kvmnet host persist, which overwrites it.';
