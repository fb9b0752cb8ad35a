import { describe, expect, it } from '@jest/globals';
import { root } from '../helpers/host.ts';

type Sections = readonly { readonly version: string; readonly date?: string; readonly entries: readonly string[] }[];

interface Changelog {
  readonly changes: (text: string) => Sections;
  readonly changelogProblems: (version: string, sections: Sections) => readonly string[];
  readonly buildDate: (sections: Sections, epoch?: string) => Date;
  readonly debianChangelog: (version: string, sections: Sections) => string;
}
const { changes, buildDate, changelogProblems, debianChangelog } = (await import(
  `${root}.ci/changelog.mjs`
)) as Changelog;

const text = `# Changelog

## [Unreleased]

### Added

- Not yet.

## [0.2.0] - 2026-12-24

### Added

- \`net list\` prints what [net.md](docs/net.md) has,
  on one line, however long that is, so that a line of Debian's changelog has to be wrapped.

### Fixed

- A mistake.

## [0.1.0] - 2026-11-30

### Added

- All.
`;

describe('CHANGELOG.md', () => {
  it('is read as versions with their date and entries', () => {
    expect(changes(text).map(({ version, date, entries }) => [version, date, entries.length])).toEqual([
      ['Unreleased', undefined, 1],
      ['0.2.0', '2026-12-24', 2],
      ['0.1.0', '2026-11-30', 1],
    ]);
  });

  it("becomes Debian's changelog, without what is not released", () => {
    expect(debianChangelog('0.2.0-1', changes(text))).toBe(`kvmnet (0.2.0-1) unstable; urgency=medium

  * Added: net list prints what net.md has, on one line, however long that is,
    so that a line of Debian's changelog has to be wrapped.
  * Fixed: A mistake.

 -- The authors of kvmnet <maintainers@kvmnet.invalid>  Thu, 24 Dec 2026 00:00:00 +0000

kvmnet (0.1.0-1) unstable; urgency=medium

  * Added: All.

 -- The authors of kvmnet <maintainers@kvmnet.invalid>  Mon, 30 Nov 2026 00:00:00 +0000
`);
  });

  it('is ready for a release that is its newest version, and has a date', () => {
    const ready = text.replace('- Not yet.', '');
    expect(changelogProblems('0.2.0', changes(ready))).toEqual([]);
    expect(changelogProblems('0.2.0', changes(text))).toEqual([
      'CHANGELOG.md: Unreleased has entries, and is newer than 0.2.0',
    ]);
    expect(changelogProblems('0.1.0', changes(ready))).toEqual([
      'CHANGELOG.md: 0.2.0 has entries, and is newer than 0.1.0',
    ]);
    expect(changelogProblems('0.2.0', changes(ready.replace('2026-12-24', 'unreleased')))).toEqual([
      'CHANGELOG.md: version 0.2.0 has no date',
    ]);
    expect(changelogProblems('0.3.0', changes(ready))).toEqual(['CHANGELOG.md has no version 0.3.0']);
  });

  it('dates a build, unless SOURCE_DATE_EPOCH does', () => {
    expect(buildDate(changes(text)).toISOString()).toBe('2026-12-24T00:00:00.000Z');
    expect(buildDate(changes(text), '86400').toISOString()).toBe('1970-01-02T00:00:00.000Z');
    expect(buildDate(changes('')).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  });
});
