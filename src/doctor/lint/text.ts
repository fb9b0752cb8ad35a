/** Checks of the files themselves: what their readers cannot parse, characters from a word processor, rights. */
import { configsOf, problemsOf, type Config, type ConfigFormat } from '../../config/config.ts';
import { numberedLines } from '../../config/file.ts';
import type { Complaint, LintCheck } from './check.ts';

const badSyntax: LintCheck = {
  code: 'bad-syntax',
  severity: 'error',
  find: ({ configs }) =>
    configs.flatMap((config) => problemsOf(config).map((problem) => ({ path: config.file.path, ...problem }))),
};

/** Typographic quotes, dashes, and spaces that only look like spaces: web pages and word processors make them. */
const typographic =
  /[\u201c-\u201f\u00ab\u00bb\u2018-\u201b\u2032\u2033\u2010-\u2015\u2212\u00a0\u2007\u202f\u200b\ufeff]/u;

/** Keys whose value is a name for people. */
const free = /^\s*(id|ssid|NAME|ESSID|DESCRIPTION|Description|description)\s*[= ]/;

const typographicQuotes: LintCheck = {
  code: 'typographic-characters',
  severity: 'error',
  find: ({ configs }) =>
    configs.flatMap(({ file }) =>
      numberedLines(file.text).flatMap(({ line, text }) => {
        const content = text.replace(/^\s*[#;].*$/, '').replace(/\s#.*$/, '');
        const character = free.test(content) ? undefined : typographic.exec(content)?.[0];
        return character === undefined ? [] : [{ path: file.path, line, ...typographicComplaint(character) }];
      }),
    ),
};

function typographicComplaint(character: string): Pick<Complaint, 'message' | 'remedy'> {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const plain = /[\u2010-\u2015\u2212]/u.test(character)
    ? '-'
    : /[\u00a0\u2007\u202f\u200b\ufeff]/u.test(character)
      ? 'a plain space'
      : /[\u2018-\u201b\u2032]/u.test(character)
        ? "'"
        : '"';
  const what = plain === 'a plain space' ? 'a character that looks like a space' : `the character ${character}`;
  return { message: `${what} (${code}) becomes part of the value`, remedy: `write ${plain} instead` };
}

const lineEnds: LintCheck = {
  code: 'dos-line-ends',
  severity: 'error',
  find: ({ configs }) =>
    configs
      .filter(({ format, file }) => format === 'ifcfg' && file.text.includes('\r\n'))
      .map(({ file }) => ({
        path: file.path,
        line: file.text.slice(0, file.text.indexOf('\r\n')).split('\n').length,
        message: 'Windows (CRLF) line endings: the carriage return becomes part of the value',
        remedy: `sed -i 's/\\r$//' ${file.path}`,
      })),
};

const fileMode: LintCheck = {
  code: 'file-mode',
  severity: 'warning',
  find: ({ configs }) => openFiles(configs, 'netplan', 'netplan warns at each run'),
};

const insecureProfile: LintCheck = {
  code: 'insecure-profile',
  severity: 'error',
  find: ({ configs }) => openFiles(configs, 'networkmanager', 'NetworkManager ignores it'),
};

/** Files that others than their owner may read or write. */
function openFiles(configs: readonly Config[], format: ConfigFormat, outcome: string): readonly Complaint[] {
  return configsOf(configs, format).flatMap(({ file: { path, mode } }) => {
    if (mode === undefined || (mode & 0o077) === 0) return [];
    const message = `others may read this file (mode ${mode.toString(8).padStart(4, '0')}), which may hold passwords: ${outcome}`;
    return [{ path, line: 1, message, remedy: `chmod 600 ${path}` }];
  });
}

export const textChecks: readonly LintCheck[] = [badSyntax, typographicQuotes, lineEnds, fileMode, insecureProfile];
