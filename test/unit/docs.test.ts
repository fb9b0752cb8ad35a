/** Compares statements of the documentation with the code. */
import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { registry } from '../../src/cli/registry.ts';
import { version } from '../../src/cli/version.ts';
import { errorCodes, exitStatus, type ErrorCode } from '../../src/errors.ts';
import { root } from '../helpers/host.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** README.md, CHANGELOG.md and all that is in docs, by their paths in the project. */
const documents = ['README.md', 'CHANGELOG.md', ...markdownIn('docs')];

function markdownIn(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(directory, file));
}

/** The text below a heading, up to the next one of its level or above. */
function section(text: string, heading: string): string {
  const [, level = ''] = /^(#+) /.exec(heading) ?? [];
  const [, after = ''] = `\n${text}`.split(`\n${heading}\n`);
  return after.split(new RegExp(`\\n#{1,${level.length}} `))[0] ?? '';
}

/** The rows of the first table of a text, without its head; cells are trimmed. */
function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  const table = lines.slice(start, length < 0 ? undefined : start + length);
  return table.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Markdown's text without what is quoted as code. */
function prose(text: string): string {
  return text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  return [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a document that lead to nothing in the project. */
function deadLinks(file: string): string[] {
  const links = [...prose(read(file)).matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : relative('.', join(dirname(file), path));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchors(read(target)).includes(anchor);
  });
}

describe('README.md', () => {
  it("has a row with its line of help for each of kvmnet's commands, in the order of the registry", () => {
    // The others that are virsh's are on a page of their own; domiflist is kvmnet's report too.
    const own = registry.filter(({ isVirsh, path }) => !isVirsh || path.join(' ') === 'domiflist');
    const expected = own.map(({ path, summary }) => `| \`${path.join(' ')}\` | ${summary} |`);
    const rows = tableRows(section(read('README.md'), '## Commands')).map((cells) => `| ${cells.join(' | ')} |`);
    expect(rows).toEqual(expected);
  });

  it('shows only existing commands', () => {
    const names = registry.map(({ path }) => path.join(' '));
    const shown = [...read('README.md').matchAll(/^\$ kvmnet (.*)$/gm)].map(([, line = '']) => line);
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((line) => !names.some((name) => `${line} `.startsWith(`${name} `)))).toEqual([]);
  });

  it('does not describe existing features as planned', () => {
    const planned = tableRows(section(read('README.md'), '## Not implemented yet')).flatMap(([cell = '']) =>
      expandNames([...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
    );
    const names = new Set(registry.map(({ path }) => path.join(' ')));
    expect(planned.length).toBeGreaterThan(0);
    expect(planned.filter((name) => names.has(name))).toEqual([]);
  });
});

/** `net set`, `edit` → net set, net edit: a row has the group once. */
function expandNames([first = '', ...others]: readonly string[]): string[] {
  const group = /^(net|vm) /.exec(first)?.[0] ?? '';
  return [first, ...others.map((name) => `${group}${name}`)];
}

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');
  const codes = Object.keys(errorCodes) as ErrorCode[];

  it('lists exactly the codes of errors.ts, with their exit status and meaning', () => {
    const expected = codes.map((code) => [
      `[${code}](#${code.toLowerCase()})`,
      String(exitStatus(code)),
      errorCodes[code],
    ]);
    expect(tableRows(text)).toEqual(expected);
  });

  it('explains each code by its cause and its remedy, in the same order', () => {
    const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(codes);
    const incomplete = codes.filter((code) => !/- Cause: .+- Remedy: .+/s.test(section(text, `### ${code}`)));
    expect(incomplete).toEqual([]);
  });
});

describe('the version', () => {
  const released = (JSON.parse(read('package.json')) as { version: string }).version;

  it('is the same in package.json and in the program', () => {
    expect(version).toBe(released);
  });

  it('has its section in CHANGELOG.md, and the files that README.md names', () => {
    const versions = [...read('CHANGELOG.md').matchAll(/^## \[([^\]]+)\]/gm)].map(([, name]) => name);
    expect(versions).toContain(released);
    const files = [...read('README.md').matchAll(/kvmnet(?:-standalone)?[-_]([\d.]+)(?:\.tgz|-1_|-linux)/g)];
    expect(files.length).toBeGreaterThan(3);
    expect(new Set(files.map(([, version]) => version))).toEqual(new Set([released]));
  });
});

describe('a command in a hint', () => {
  /** Words that need no quotes, or have them: numbers, addresses, words of kvmnet's own, lists. */
  const plain = /^(quoted\(|String\(|formatIp\(|kindOf\(|verb$|asked$|[^ ]+\.map\(quoted\)|networks\.map\(|names$)/;
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^(doctor|config|plan.persist|cli.virsh)/.test(file),
  );

  it('has every name in quotes that a shell needs', () => {
    const unquoted = sources.flatMap((file) =>
      [...read(join('src', file)).matchAll(/^(?! *(?:\*|\/)).*$/gm)].flatMap(([line]) =>
        [...line.matchAll(/kvmnet (?:[a-z-]+ )+(?:(?!; |: |kvmnet | repairs| reconnects| shows)[^`])*/g)]
          .flatMap(([command]) => [...command.matchAll(/\$\{([^{}]+)\}/g)])
          .filter(([, expression = '']) => !plain.test(expression))
          .map(([text]) => `${file}: ${text}`),
      ),
    );
    expect(sources.length).toBeGreaterThan(100);
    expect(unquoted).toEqual([]);
  });
});

describe('every document', () => {
  it.each(documents)('%s has no dead links within the project', (file) => {
    expect(deadLinks(file)).toEqual([]);
  });

  it.each(documents)("%s names no package registry and no place of an author's machine", (file) => {
    const foreign =
      /\bregistry\.[\w-]+\.\w+|\bnpmjs\.|\/home\/\w+|\/root\/|\/work\/|\/tmp\/|\blocalhost:\d+|\bnodedir\b/g;
    expect(read(file).match(foreign) ?? []).toEqual([]);
  });

  it('is linked from README.md, or is in a folder that is', () => {
    const readme = read('README.md');
    const lost = documents.filter(
      (file) => file !== 'README.md' && !readme.includes(`](${file})`) && !readme.includes(`](${dirname(file)})`),
    );
    expect(lost).toEqual([]);
  });

  it('that is a decision has its context, the decision, and the consequences', () => {
    const decisions = markdownIn('docs/decisions').sort();
    const parts = (file: string): string[] => [...read(file).matchAll(/^## (.*)$/gm)].map(([, name = '']) => name);
    const numbered = decisions.map((file, index) => {
      const number = String(index + 1).padStart(4, '0');
      return file.startsWith(`docs/decisions/${number}-`) && read(file).startsWith(`# ${number}: `);
    });
    expect(numbered).toEqual(decisions.map(() => true));
    for (const file of decisions) expect(parts(file)).toEqual(['Context', 'Decision', 'Consequences']);
  });
});
