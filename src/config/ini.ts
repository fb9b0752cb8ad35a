/**
 * Sections with KEY=VALUE lines: systemd-networkd's *.network and *.netdev, and NetworkManager's keyfiles (*.nmconnection). A section may come
 * several times, and so may a key. Sources: systemd.syntax(7); nm-settings-keyfile(5) and GLib's GKeyFile.
 */
import { numberedLines, type ConfigEntry, type ConfigProblem, type ConfigSection } from './file.ts';

export interface Ini {
  readonly sections: readonly ConfigSection[];
  readonly problems: readonly ConfigProblem[];
}

/** systemd takes `;` for a comment too, and joins lines by a backslash; GKeyFile does neither. */
export type IniDialect = 'systemd' | 'keyfile';

/** Sections and entries in the file's order; values without spaces around them, and otherwise as they stand. Never throws. */
export function parseIni(text: string, dialect: IniDialect): Ini {
  const sections: { name: string; line: number; entries: ConfigEntry[] }[] = [];
  const problems: ConfigProblem[] = dialect === 'keyfile' && text.startsWith('\uFEFF') ? [byteOrderMark] : [];
  for (const { line, text: statement } of dialect === 'systemd' ? joinedLines(text) : plainLines(text)) {
    const [, name] = /^\[([^\]]*)\]$/.exec(statement) ?? [];
    const equals = statement.indexOf('=');
    const section = sections.at(-1);
    if (name !== undefined) sections.push({ name, line, entries: [] });
    else if (equals <= 0) problems.push({ line, ...noEntry(statement) });
    else if (section === undefined) problems.push({ line, ...noSection(statement) });
    else {
      const key = statement.slice(0, equals).trim();
      section.entries.push({ key, value: statement.slice(equals + 1).trim(), line });
    }
  }
  return { sections, problems };
}

/** GKeyFile takes it for a part of the first line. */
const byteOrderMark: ConfigProblem = {
  line: 1,
  message: 'the file begins with a byte order mark (U+FEFF): NetworkManager refuses it',
  remedy: 'save it as UTF-8 without a byte order mark',
};

function noEntry(statement: string): Omit<ConfigProblem, 'line'> {
  const message = `${JSON.stringify(statement)} is neither [Section] nor KEY=VALUE`;
  if (statement.startsWith('[')) return { message, remedy: `write [${statement.replaceAll(/[[\]]/g, '').trim()}]` };
  return { message, remedy: 'write KEY=VALUE, or # before a comment' };
}

function noSection(statement: string): Omit<ConfigProblem, 'line'> {
  return {
    message: `${JSON.stringify(statement)} is before the first section, where nothing reads it`,
    remedy: 'write the line of its [Section] above it',
  };
}

function plainLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  return numberedLines(text)
    .map(({ line, text: raw }) => ({ line, text: raw.trim() }))
    .filter(({ text: statement }) => statement !== '' && !statement.startsWith('#'));
}

/** Comments between joined lines are left out, as systemd does. */
function joinedLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const joined: { line: number; text: string }[] = [];
  let isContinued = false;
  for (const { line, text: raw } of numberedLines(text)) {
    const statement = raw.trim();
    if (/^[#;]/.test(statement)) continue;
    // The last character of the line, and no backslash before it.
    const continues = /(^|[^\\])(\\\\)*\\$/.test(raw);
    const content = continues ? statement.slice(0, -1) : statement;
    const last = joined.at(-1);
    if (isContinued && last) last.text += ` ${content}`;
    else if (content !== '') joined.push({ line, text: content });
    isContinued = continues;
  }
  return joined.map((each) => ({ line: each.line, text: each.text.trim() })).filter((each) => each.text !== '');
}
