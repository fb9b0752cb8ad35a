/** The manual as man pages. @see man(7), groff_man(7) and groff_char(7) */
import type { Manual, Meaning, Page, Section } from './manual.ts';

export interface Edition {
  readonly version: string;
  /** ISO 8601: `2026-11-30`. */
  readonly date: string;
}

/** Returns the texts of the man pages of section 1, by file name: `kvmnet.1`, and `kvmnet-net.1` for each noun. */
export function manPages(manual: Manual, edition: Edition): Readonly<Record<string, string>> {
  const nouns = manual.pages.map((page) => [`kvmnet-${page.noun}.1`, nounPage(page, manual, edition)]);
  return { 'kvmnet.1': mainPage(manual, edition), ...(Object.fromEntries(nouns) as Record<string, string>) };
}

function mainPage(manual: Manual, edition: Edition): string {
  const { summary, usage, options, pages, sections, examples, statuses } = manual;
  return lines([
    title('kvmnet', edition),
    ...heading('NAME', [`kvmnet \\- ${prose(summary)}`]),
    ...heading('SYNOPSIS', [bold(usage)]),
    ...heading('DESCRIPTION', [prose(`${summary}.`)]),
    ...pages.flatMap(({ noun, summary: text }) => ['.TP', reference(`kvmnet-${noun}`), prose(text)]),
    ...heading('OPTIONS', tagged(options)),
    ...heading('COMMANDS', sections.flatMap(subsection)),
    ...heading('EXIT STATUS', tagged(statuses)),
    ...heading(
      'EXAMPLES',
      examples.flatMap((each, index) => [...(index === 0 ? [] : ['.PP']), ...example(each)]),
    ),
    ...heading('SEE ALSO', seeAlso([...pages.map(({ noun }) => `kvmnet-${noun}`), 'virsh', 'ip', 'bridge'])),
  ]);
}

function nounPage({ noun, summary, sections }: Page, { pages }: Manual, edition: Edition): string {
  const others = pages.map((page) => `kvmnet-${page.noun}`).filter((name) => name !== `kvmnet-${noun}`);
  return lines([
    title(`kvmnet-${noun}`, edition),
    ...heading('NAME', [`kvmnet\\-${typed(noun)} \\- ${prose(summary)}`]),
    ...heading('SYNOPSIS', ['.nf', ...sections.map(({ usage }) => bold(usage)), '.fi']),
    ...heading('DESCRIPTION', [prose(`${summary}. The options of every command are in`), `${reference('kvmnet')}.`]),
    ...heading('COMMANDS', sections.flatMap(subsection)),
    ...heading('SEE ALSO', seeAlso(['kvmnet', ...others])),
  ]);
}

function subsection({ name, summary, usage, blocks, ...rest }: Section): readonly string[] {
  return [
    `.SS ${typed(name)}`,
    prose(`${summary}.`),
    '.PP',
    bold(usage),
    ...blocks.flatMap((block) => (typeof block === 'string' ? ['.PP', prose(block)] : tagged(block))),
    ...tagged([...rest.arguments, ...rest.options]),
    ...rest.examples.flatMap((each) => ['.PP', ...example(each)]),
  ];
}

const title = (name: string, { version, date }: Edition): string =>
  `.TH ${typed(name.toUpperCase())} 1 ${date} "kvmnet ${version}" "Manual of kvmnet"`;

const heading = (name: string, content: readonly string[]): readonly string[] => [`.SH ${name}`, ...content];

const tagged = (rows: readonly Meaning[]): readonly string[] =>
  rows.flatMap(([term, meaning]) => ['.TP', bold(term), prose(meaning)]);

const example = ([line, explanation]: Meaning): readonly string[] => [
  prose(`${explanation}:`),
  '.RS 4',
  '.EX',
  typed(line),
  '.EE',
  '.RE',
];

const seeAlso = (names: readonly string[]): readonly string[] =>
  names.map((name, index) => `${reference(name)}${index === names.length - 1 ? '' : ','}`);

/** `ip(8)`: programs of root are in section 8. */
const reference = (name: string): string => `\\fB${typed(name)}\\fR(${name === 'ip' || name === 'bridge' ? '8' : '1'})`;

const bold = (text: string): string => `\\fB${typed(text)}\\fR`;

/** Prose on one line of input. What is between backticks is bold. */
function prose(text: string): string {
  const parts = text.split(/`([^`]*)`/);
  return atStart(parts.map((part, index) => (index % 2 === 0 ? escaped(part) : bold(part))).join(''));
}

/** Text that is typed, and may be copied from the page: groff prints these characters as others unless they are named. */
function typed(text: string): string {
  const names = { "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti', '"': '\\(dq' } as const;
  return atStart(escaped(text).replaceAll(/['`^~"]/g, (character) => names[character as keyof typeof names]));
}

const escaped = (text: string): string => text.replaceAll('\\', '\\e').replaceAll('-', '\\-');

/** A line that begins with a dot or an apostrophe would be a request. */
const atStart = (line: string): string => (/^[.']/.test(line) ? `\\&${line}` : line);

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
