/**
 * ifupdown's /etc/network/interfaces. Sources: interfaces(5); bridge-utils-interfaces(5), vlan-interfaces(5) and ifenslave for options,
 * which ifupdown itself hands on unread.
 */
import { numberedLines, type ConfigEntry, type ConfigProblem } from '../file.ts';

/** `auto br0 eth0`, `allow-hotplug eth1`: devices that are brought up, and when. */
export interface InterfacesClass {
  /** `auto`, `allow-auto`, `allow-hotplug`, `no-auto-down`, … */
  readonly keyword: string;
  readonly names: readonly string[];
  readonly line: number;
}

/** `iface br0 inet static` with the options below it. */
export interface IfaceStanza {
  /** `iface`, or `template`: one that others inherit from. */
  readonly keyword: 'iface' | 'template';
  readonly name: string;
  /** `inet`, `inet6`, `can`, …; undefined where it is left out, as ifupdown-ng allows. */
  readonly family: string | undefined;
  /** `static`, `dhcp`, `manual`, `loopback`, … */
  readonly method: string | undefined;
  readonly inherits: string | undefined;
  readonly line: number;
  readonly options: readonly ConfigEntry[];
}

/** `source FILES` and `source-directory DIR`: other files that belong to this one; the pattern is as it stands there. */
export interface InterfacesInclude {
  readonly keyword: 'source' | 'source-directory';
  readonly pattern: string;
  readonly line: number;
}

/** `mapping eth*`: which stanza a device gets, chosen by a script. */
export interface InterfacesMapping {
  readonly patterns: readonly string[];
  readonly line: number;
  readonly options: readonly ConfigEntry[];
}

export interface Interfaces {
  readonly classes: readonly InterfacesClass[];
  readonly ifaces: readonly IfaceStanza[];
  readonly mappings: readonly InterfacesMapping[];
  readonly includes: readonly InterfacesInclude[];
  readonly problems: readonly ConfigProblem[];
}

/** All stanzas in the file's order; includes are reported and not followed. Never throws. */
export function parseInterfaces(text: string): Interfaces {
  const classes: InterfacesClass[] = [];
  const ifaces: IfaceStanza[] = [];
  const mappings: InterfacesMapping[] = [];
  const includes: InterfacesInclude[] = [];
  const problems: ConfigProblem[] = [];
  /** The options of the stanza that is open; none can follow `auto` and `source`. */
  let open: ConfigEntry[] | undefined;
  /** That stanza's name; `mapping` has none. */
  let current: string | undefined;
  for (const { line, text: statement } of logicalLines(text)) {
    const [keyword = '', ...words] = statement.split(/\s+/);
    const rest = statement.slice(keyword.length).trim();
    if (keyword === 'iface' || keyword === 'template') {
      open = [];
      current = words[0];
      ifaces.push(readStanza(keyword, words, line, open));
      if (words.length === 0) problems.push({ line, ...nameless(keyword) });
      if (words.at(-1) === 'inherits') problems.push({ line, ...noTemplate(statement) });
    } else if (keyword === 'mapping') {
      open = [];
      current = undefined;
      mappings.push({ patterns: words, line, options: open });
    } else if (keyword === 'source' || keyword.startsWith('source-dir')) {
      open = undefined;
      includes.push({ keyword: keyword === 'source' ? 'source' : 'source-directory', pattern: rest, line });
    } else if (isClass(keyword) && words.length === 0 && open && current !== undefined) {
      // Within a stanza it refers to that stanza's device.
      classes.push({ keyword, names: [current], line });
    } else if (isClass(keyword)) {
      open = undefined;
      classes.push({ keyword, names: words, line });
    } else if (open) {
      open.push({ key: keyword, value: rest, line });
      const problem = optionProblem(keyword, rest, current === undefined ? open : undefined);
      if (problem) problems.push({ line, ...problem });
    } else {
      problems.push({ line, ...outside(keyword) });
    }
  }
  return { classes, ifaces, mappings, includes, problems };
}

function isClass(keyword: string): boolean {
  return /^(auto|allow-[\w-]+|no-auto-down|no-scripts|rename)$/.test(keyword);
}

/** `NAME [FAMILY METHOD] [inherits TEMPLATE]`; anything else is left to the check of values. */
function readStanza(
  keyword: IfaceStanza['keyword'],
  [name = '', ...words]: readonly string[],
  line: number,
  options: readonly ConfigEntry[],
): IfaceStanza {
  const at = words.indexOf('inherits');
  const [family, method] = at < 0 ? words : words.slice(0, at);
  return { keyword, name, family, method, inherits: at < 0 ? undefined : words[at + 1], line, options };
}

function nameless(keyword: string): Omit<ConfigProblem, 'line'> {
  return { message: `${keyword} without a name`, remedy: `write ${keyword} NAME inet METHOD` };
}

function noTemplate(statement: string): Omit<ConfigProblem, 'line'> {
  return { message: `${statement}: the name after inherits is missing`, remedy: `write ${statement} NAME` };
}

/** @param mapping the options of the mapping that contains it */
function optionProblem(
  key: string,
  value: string,
  mapping: readonly ConfigEntry[] | undefined,
): Omit<ConfigProblem, 'line'> | undefined {
  if (mapping === undefined) {
    if (value !== '') return undefined;
    return {
      message: `${key} has no value: ifupdown refuses the file`,
      remedy: `write a value after ${key}, or delete the line`,
    };
  }
  if (key !== 'script' && key !== 'map') {
    return { message: `${key} is not an option of mapping: ifupdown refuses the file`, remedy: 'write script or map' };
  }
  const isSecond = key === 'script' && mapping.filter((option) => option.key === 'script').length > 1;
  return isSecond ? { message: 'a mapping has one script', remedy: 'delete this line' } : undefined;
}

function outside(keyword: string): Omit<ConfigProblem, 'line'> {
  return {
    message: `${JSON.stringify(keyword)} is not a keyword, and does not follow an iface stanza that it could belong to`,
    remedy: 'begin the stanza with iface NAME inet METHOD',
  };
}

/** Lines without comments; lines that a backslash at the end joins are one, under the number of the first. */
function logicalLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const logical: { line: number; text: string }[] = [];
  let isContinued = false;
  for (const { line, text: raw } of numberedLines(text)) {
    const last = logical.at(-1);
    const continues = raw.endsWith('\\');
    const content = continues ? raw.slice(0, -1) : raw;
    if (isContinued && last) last.text += content;
    else if (raw.trimStart().startsWith('#'))
      continue; // a comment takes no backslash
    else logical.push({ line, text: content });
    isContinued = continues;
  }
  return logical.map((each) => ({ line: each.line, text: each.text.trim() })).filter((each) => each.text !== '');
}
