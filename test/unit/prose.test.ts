/** Holds messages, help, comments, documents and names of tests to the words that kvmnet uses. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../helpers/host.ts';
import {
  commentsOfSource,
  proseOfMarkdown,
  proseOfSource,
  proseOfTemplate,
  testNames,
  type Prose,
} from '../helpers/prose.ts';

/** Words in any case, unless a row is exact, and the better words. A blank in a pattern is any white space. */
const rows: readonly { readonly words: RegExp; readonly instead: string; readonly isExact?: boolean }[] = [
  { words: /\banew\b/, instead: 'again; recreate, regenerate, reread' },
  { words: /\bt(?:akes?|aken|aking|ook)(?: [\w']+){0,4} back\b/, instead: 'revert, undo, roll back' },
  { words: /\bway back\b/, instead: 'rollback, undo' },
  { words: /\b[Ww]ho(?:so)?ever\b/, instead: 'anyone who; or name the user, process or program' },
  { words: /\b(?:is|are|was|were|be) there already\b/, instead: 'already exists' },
  { words: /\b[Tt]here (?:is|are|was|were) (?:no|nothing)\b/, instead: 'does not exist; no network named …; has no' },
  { words: /\b[Tt]here (?:is|are|was|were)\b(?! (?:no|nothing)\b)/, instead: 'exists, has; or name the subject first' },
  { words: /\b(?:is|are|was|were|be) there\b(?! already)/, instead: 'exists, is present' },
  {
    words: /(?<!\b[Tt]here )\b(?:is|are|was|were|be) no (?!longer\b)/,
    instead: 'is not a, are not; exclude each other',
  },
  { words: /\b(?:some|no|any)body\b/, instead: 'another user, program or process; no user, no program' },
  { words: /\belse's\b/, instead: 'of another user, manager or program' },
  {
    words: /\bth(?:at|ose) of\b|\bthose (?:that|which|who|whose)\b/,
    instead: "the thing itself, or a possessive: libvirt's",
  },
  { words: /\bmend(?:s|ed|ing)?\b/, instead: 'repair' },
  { words: /\b[Pp]lug(?:s|ged|ging)?\b/, instead: 'attach, connect; reattach for plug back' },
  { words: /\b[Tt](?:akes?|aken|aking|ook)(?: [\w'…<>]+){0,4} out\b/, instead: 'detach, remove' },
  { words: /\b[Bb]eside\b/, instead: 'next to, in addition to, apart from, at the same time as' },
  { words: /\b(?:[Ss]ay|[Ss]ays|said|[Ss]aying)\b/, instead: 'print, report, specify, state, explain' },
  { words: /\b(?:[Tt]ell|[Tt]ells|told)\b/, instead: 'report, print, show, inform; distinguish for tell apart' },
  { words: /\bhas to say\b/, instead: 'reports' },
  {
    words: /^\W*What (?![^]*\?)/,
    instead: 'the thing itself: comments and lines of help start with a noun or a verb',
    isExact: true,
  },
  { words: /\b(?:by itself|by themselves)\b/, instead: 'automatically; alone' },
  { words: /\b(?:go|goes|going|went) on\b/, instead: 'continue, proceed, keep' },
  { words: /\bputs?(?: [\w']+){0,3} back\b/, instead: 'restore' },
  { words: /\bwithout a word\b/, instead: 'silently' },
  { words: /\bat the least\b/, instead: 'at least' },
  { words: /\b[Ss]o many\b/, instead: 'N, the number of' },
  { words: /\b(?:both|two) lives\b/, instead: 'both scopes, live and config' },
  {
    words: /\bstands? (?:in|on|at|before|behind|between|first|where)\b/,
    instead: 'is in, comes before, depends on',
  },
  { words: /\b[Ii]n the place of\b/, instead: 'instead of' },
  { words: /\bno objections?\b/, instead: 'no problems found' },
  { words: /\b(?:is|are|was|were) not there\b/, instead: 'does not exist, is missing' },
  { words: /\bexists? already\b|\bhas it already\b/, instead: 'already exists, already has it' },
  { words: /\b(?:goes|go) with(?: --|$)/, instead: 'can be used with' },
  { words: /\bin vain\b/, instead: 'cannot succeed, without success' },
  { words: /\b(?:is|are) in no\b/, instead: 'is not in any' },
  { words: /\bno word for\b/, instead: 'does not support' },
  { words: /\balike\b/, instead: 'the same, equally, equivalent' },
  { words: /[;,] make one\b|\bmakes? a new\b/, instead: 'create' },
  { words: /\bturn(?:s|ed|ing)?(?: [\w…]+){0,3} (?:on|off)\b/, instead: 'enable, disable' },
  { words: /\bdo(?:es)? not get out\b/, instead: 'cannot reach other networks' },
  { words: /\bwhose (?:it is|they are)\b/, instead: 'its owner, its guest' },
  {
    words: /\b(?:refuge|heir|twin|lifeline|cures?|cured|patients?|ailments?|ties|companion|namesake|rivals?|stray)s?\b/,
    instead: 'the thing without a metaphor: holding network, top master, duplicate, risk, repair, problem, dependency',
  },
  {
    words: /\b[Bb]ehaviour|\b[Cc]olour|\b[Nn]eighbour|\b[Hh]onour|\b[Ff]avour|\b[Ll]icence\b/,
    instead: '-or, license',
  },
  {
    words: /\b(?:[Nn]ormal|[Rr]ecogn|[Ss]erial|[Ii]nitial|[Oo]rgan|[Aa]uthor)is(?:e|es|ed|ing|ation)\b/,
    instead: '-ize',
  },
  {
    words: /\b(?:cancelled|travelled|labelled|misspelt|catalogue|centre|analyse|whilst)\b/,
    instead: 'the American spelling',
  },
  { words: /\w!(?=['"]|$| [A-Z])/, instead: 'no exclamation mark', isExact: true },
];

/** Strings below are the words of virsh, which kvmnet prints as virsh does. */
const wordsOfVirsh = 'src/cli/virsh/';

/** A hyphen makes a name or a term of a word: `stray-copy`, `hot-plug`. */
const pattern = ({ source }: RegExp, flags: string): RegExp =>
  new RegExp(`(?<!\\w-)(?:${source.replaceAll(' ', '\\s+')})(?!-\\w)`, flags);
const patterns = rows.map(({ words, instead, isExact = false }) => ({
  pattern: pattern(words, isExact ? 'g' : 'gi'),
  instead,
}));

function proseOf(file: string, text: string): readonly Prose[] {
  if (file.endsWith('.md')) return proseOfMarkdown(text);
  if (!file.endsWith('.ts')) return proseOfTemplate(text);
  if (file.startsWith('test/')) return [...commentsOfSource(text), ...testNames(text)];
  return file.startsWith(wordsOfVirsh) ? commentsOfSource(text) : proseOfSource(text);
}

/** `FILE:LINE: words -> better words` for each place where a file has words of the table. */
function findings(file: string, text: string): readonly string[] {
  return proseOf(file, text).flatMap((prose) =>
    patterns.flatMap(({ pattern, instead }) =>
      [...prose.text.matchAll(pattern)].map((match) => {
        const line = prose.line + prose.text.slice(0, match.index).split('\n').length - 1;
        return `${file}:${String(line)}: ${match[0].trim().replaceAll(/\s+/g, ' ')} -> ${instead}`;
      }),
    ),
  );
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));

const files = ['README.md', 'CHANGELOG.md', ...['src', 'docs', 'templates', 'test'].flatMap(filesIn)].filter((file) =>
  /\.(ts|md|xml|kvmnet)$/.test(file),
);

describe('the words of kvmnet', () => {
  it('are used in messages, help, comments, documents and names of tests', () => {
    expect(files.length).toBeGreaterThan(400);
    expect(files.flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it('are looked for in comments, strings, and names of tests', () => {
    const source = [
      '/** Reads it',
      ' *  anew. */',
      "export const text = 'br0 is there already';",
      `const other = \`\${text} is no bridge\`; // mends it`,
      "it.each([1])('takes it back', () => undefined);",
    ].join('\n');
    const short = (file: string): readonly string[] =>
      findings(file, source).map((line) => line.replace(/ -> .*$/, '').replace(`${file}:`, ''));
    expect(short('src/a.ts')).toEqual(['2: anew', '4: mends', '3: is there already', '4: is no', '5: takes it back']);
    expect(short('src/cli/virsh/a.ts')).toEqual(['2: anew', '4: mends']);
    expect(short('test/a.test.ts')).toEqual(['2: anew', '4: mends', '5: takes it back']);
  });

  it('are not looked for in code, and in what documents show as code', () => {
    const source = [
      "import { mend } from './anew.ts';",
      "const stray = mend('beside', /is there already/); // `is no bridge`",
    ].join('\n');
    expect(findings('src/a.ts', source)).toEqual([]);
    expect(findings('docs/a.md', '```\nbr0 is there already\n```\nPrints `is no bridge`.\n')).toEqual([]);
    expect(findings('docs/a.md', 'One line.\nMade\nanew.\n')).toEqual([
      'docs/a.md:3: anew -> again; recreate, regenerate, reread',
    ]);
  });
});
