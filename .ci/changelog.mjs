// CHANGELOG.md as values, and as Debian's changelog.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Who publishes the packages: nobody so far, and so there is no address. */
export const maintainer = 'The authors of kvmnet <maintainers@kvmnet.invalid>';

/** The date of what is built before its version has one. */
const undated = '2026-01-01';

/** The sections of CHANGELOG.md, newest first: their version, `Unreleased` or a number, their date, and their entries by heading. */
export function changes(text = readFileSync(`${root}CHANGELOG.md`, 'utf8')) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [, version, date] = /^\[([^\]]+)\](?: - (\S+))?/.exec(section) ?? [];
      const entries = section.split(/^### /m).slice(1).flatMap(entriesOf);
      return { version, date: /^\d{4}-\d\d-\d\d$/.test(date ?? '') ? date : undefined, entries };
    });
}

/** `Added: net list shows...` */
function entriesOf(part) {
  const [heading, ...lines] = part.split('\n');
  const items = lines.join('\n').split(/^- /m).slice(1);
  return items.map((item) => `${heading.trim()}: ${plain(item)}`);
}

/** Without the marks of code and links. */
const plain = (text) =>
  text
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Why a version is not ready to be released; nothing if it is. */
export function changelogProblems(version, sections = changes()) {
  const released = sections.find((section) => section.version === version);
  const newer = sections.slice(0, sections.indexOf(released)).filter(({ entries }) => entries.length > 0);
  if (released === undefined) return [`CHANGELOG.md has no version ${version}`];
  return [
    ...newer.map((section) => `CHANGELOG.md: ${section.version} has entries, and is newer than ${version}`),
    ...(released.date === undefined ? [`CHANGELOG.md: version ${version} has no date`] : []),
  ];
}

/** The date of the newest version that has one, or SOURCE_DATE_EPOCH: the date of all that is in a package. */
export function buildDate(sections = changes(), epoch = process.env.SOURCE_DATE_EPOCH) {
  if (epoch) return new Date(Number(epoch) * 1000);
  return new Date(`${sections.find(({ date }) => date !== undefined)?.date ?? undated}T00:00:00Z`);
}

/**
 * @param version of the package, by Debian's rules
 * @see https://www.debian.org/doc/debian-policy/ch-source.html#debian-changelog-debian-changelog
 */
export function debianChangelog(version, sections = changes()) {
  const [newest = { entries: [] }, ...earlier] = sections.filter(({ version: each }) => each !== 'Unreleased');
  const rows = [{ ...newest, version }, ...earlier.map((each) => ({ ...each, version: `${each.version}-1` }))];
  return rows.map((row) => entry(row, row.date ? new Date(`${row.date}T00:00:00Z`) : buildDate(sections))).join('\n');
}

function entry({ version, entries }, date) {
  const items = entries.map((text) => wrapped(`  * ${text}`));
  const day = date.toUTCString().replace('GMT', '+0000');
  return `kvmnet (${version}) unstable; urgency=medium\n\n${items.join('\n')}\n\n -- ${maintainer}  ${day}\n`;
}

/** Lines of 80 columns at most; the further ones are indented by four. */
function wrapped(text) {
  const lines = [];
  for (const word of text.trim().split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 80) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? `  ${word}` : `    ${word}`);
  }
  return lines.join('\n');
}
