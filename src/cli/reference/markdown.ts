/** The manual as Markdown: docs/reference. */
import type { Manual, Meaning, Section } from './manual.ts';

const generated = '<!-- Generated from the commands in src/cli by npm run docs:reference. -->';
const ofEvery = 'The [options of every command](README.md#options-of-every-command) follow the options of the command.';

/** Returns the texts of the pages, by file name. */
export function referencePages(manual: Manual): Readonly<Record<string, string>> {
  const pages = manual.pages.map(({ noun, summary, sections }) => [
    `${noun}.md`,
    document([generated, `# kvmnet ${noun}`, `${summary}. ${ofEvery}`, ...sections.flatMap((each) => parts(each))]),
  ]);
  return { ...(Object.fromEntries(pages) as Record<string, string>), 'README.md': indexOf(manual) };
}

function indexOf({ summary, usage, options, pages, sections, examples, statuses }: Manual): string {
  const nouns = pages.map(({ noun, summary: text }) => [`[${noun}](${noun}.md)`, cell(text)]);
  const others = sections.map(({ name, summary: text }) => [`[${name}](#${name})`, cell(text)]);
  return document([
    generated,
    '# The commands of kvmnet',
    `${summary}. \`kvmnet help COMMAND\` prints the same in the terminal, and so do the man pages of the Debian packages.`,
    fenced([usage]),
    table(['command', 'purpose'], [...nouns, ...others]),
    fenced(commented(examples)),
    '## Options of every command',
    meanings('option', options),
    '## Exit status',
    meanings('status', statuses),
    ...sections.flatMap((each) => parts(each)),
  ]);
}

function parts({ name, summary, usage, blocks, ...rest }: Section): readonly string[] {
  return [
    `## ${name}`,
    `${summary}.`,
    fenced([usage]),
    ...blocks.map((block) => (typeof block === 'string' ? escaped(block) : meanings('word', block))),
    ...(rest.arguments.length === 0 ? [] : [meanings('argument', rest.arguments)]),
    ...(rest.options.length === 0 ? [] : [meanings('option', rest.options)]),
    fenced(commented(rest.examples)),
  ];
}

const document = (blocks: readonly string[]): string => `${blocks.join('\n\n')}\n`;

const fenced = (lines: readonly string[]): string => ['```', ...lines, '```'].join('\n');

/** Command lines with what they do as comments of the shell. */
function commented(examples: readonly Meaning[]): readonly string[] {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, explanation]) => `${line.padEnd(width)}   # ${explanation}`);
}

function meanings(heading: string, rows: readonly Meaning[]): string {
  const cells = rows.map(([term, meaning]) => [`\`${term.replaceAll('|', '\\|')}\``, cell(meaning)]);
  return table([heading, 'meaning'], cells);
}

const cell = (text: string): string => escaped(text).replaceAll('|', '\\|');

/** Outside of what is typed, angle brackets and asterisks would be markup. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/[<*\\]/g, '\\$&')))
    .join('');
}

/** A table whose columns are aligned. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) => Math.max(...[heading, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
