import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { readManual, type Manual, type Section } from '../../../src/cli/reference/manual.ts';
import { referencePages } from '../../../src/cli/reference/markdown.ts';
import { manPages } from '../../../src/cli/reference/roff.ts';
import { groups, registry } from '../../../src/cli/registry.ts';
import { root } from '../../helpers/host.ts';

const edition = { version: '1.2.3', date: '2026-11-30' };
let manual: Manual;
beforeAll(async () => {
  manual = await readManual();
});

/** A manual of one command with texts that mean something to roff or to Markdown. */
function hostile(text: string): Manual {
  const section: Section = {
    name: 'net create',
    summary: text,
    usage: 'kvmnet net create',
    blocks: [text, [['--a-b', text]]],
    arguments: [],
    options: [['-x, --ex <A|B>', text]],
    examples: [[text, text]],
  };
  const pages = [{ noun: 'net', summary: text, sections: [section] }];
  return { summary: text, usage: 'kvmnet', options: [], pages, sections: [], examples: [[text, text]], statuses: [] };
}

describe('docs/reference', () => {
  it('is what npm run docs:reference writes', () => {
    const folder = `${root}docs/reference/`;
    const found = readdirSync(folder).map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')]);
    expect(Object.fromEntries(found)).toEqual(referencePages(manual));
  });

  it('has a section for each command that kvmnet --help lists, with its usage', () => {
    const text = Object.values(referencePages(manual)).join('\n');
    const names = registry.filter(({ isHidden }) => !isHidden).map(({ path }) => path.join(' '));
    expect(names.filter((name) => !text.includes(`\n## ${name}\n`))).toEqual([]);
    expect(names.filter((name) => !text.includes(`\n\`\`\`\nkvmnet ${name} [options]`))).toEqual([]);
  });

  it('escapes what Markdown would read as markup, outside of what is typed', () => {
    const page = referencePages(hostile('a <b> *c* | d `-e|<f>`'))['net.md'];
    expect(page).toContain('\na \\<b> \\*c\\* | d `-e|<f>`\n');
    expect(page).toContain('| `-x, --ex <A\\|B>` | a \\<b> \\*c\\* \\| d `-e\\|<f>` |');
  });
});

describe('man pages', () => {
  it('are kvmnet(1) and one for each noun, with all commands, options and examples', () => {
    const pages = manPages(manual, edition);
    expect(Object.keys(pages)).toEqual(['kvmnet.1', ...Object.keys(groups).map((noun) => `kvmnet-${noun}.1`)]);
    const text = Object.values(pages)
      .join('')
      .replaceAll(/\\f[BR]|\\&/g, '')
      .replaceAll('\\-', '-');
    const sections = [...manual.sections, ...manual.pages.flatMap((page) => page.sections)];
    const plain = (typed: string) => typed.replaceAll("'", '\\(aq').replaceAll('~', '\\(ti').replaceAll('"', '\\(dq');
    for (const { name, usage, options, examples } of sections) {
      expect(text).toContain(`\n.SS ${name}\n`);
      for (const each of [usage, ...options.map(([term]) => term), ...examples.map(([line]) => line)])
        expect(text).toContain(`\n${plain(each)}\n`);
    }
  });

  it('name version and date in their title', () => {
    expect(manPages(manual, edition)['kvmnet-net.1']).toMatch(/^\.TH KVMNET\\-NET 1 2026-11-30 "kvmnet 1\.2\.3" /);
  });

  it.each([
    ['.so /etc/passwd', '\n\\&.so /etc/passwd\n'],
    ["'tis", "\n\\&'tis.\n"],
    ['a\\b', '\na\\eb\n'],
    ['a-b', '\na\\-b\n'],
    ['echo \'a\' "b" `c` ~ ^', '\necho \\(aqa\\(aq \\(dqb\\(dq \\(gac\\(ga \\(ti \\(ha\n'],
    ['use `--all`', '\nuse \\fB\\-\\-all\\fR.\n'],
  ])('have %j as text', (text, written) => {
    expect(manPages(hostile(text), edition)['kvmnet-net.1']).toContain(written);
  });
});
