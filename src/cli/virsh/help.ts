/** Output of virsh's `help`, for the commands that kvmnet has. Source: the layout of virsh 9.0. */
import { nearest } from '../../values/nearest.ts';
import type { VirshDefinition, VirshOption } from './grammar/definition.ts';
import { VirshError } from './grammar/error.ts';

interface Named {
  readonly path: readonly string[];
  readonly summary: string;
}

export interface HelpSources {
  /** Heading, keyword and commands of each group. */
  readonly groups: readonly (readonly [heading: string, keyword: string, commands: readonly Named[]])[];
  readonly definitionOf: (name: string) => Promise<VirshDefinition | undefined>;
}

/** All groups with their commands. */
export function groupHelp({ groups }: HelpSources): string {
  return `Grouped commands:\n\n${groups.map(groupText).join('\n')}\n`;
}

function groupText([heading, keyword, commands]: HelpSources['groups'][number]): string {
  const lines = commands.map(({ path, summary }) => `    ${path.join(' ').padEnd(30)} ${summary}\n`);
  return ` ${heading} (help keyword '${keyword}'):\n${lines.join('')}`;
}

/** Output of `virsh --help`. */
export function usage(groups: HelpSources['groups']): string {
  const lists = groups.map(([heading, keyword, commands]) => {
    const lines = commands.map(({ path, summary }) => `    ${path.join(' ').padEnd(30)} ${summary}\n`);
    return ` ${heading} (help keyword '${keyword}')\n${lines.join('')}\n`;
  });
  return `${usageHead}${lists.join('')}${usageFoot}`;
}

const usageHead = `
virsh [options]... [<command_string>]
virsh [options]... <command> [args...]

  options:
    -c | --connect=URI      hypervisor connection URI
    -d | --debug=NUM        debug level [0-4]
    -e | --escape <char>    set escape sequence for console
    -h | --help             this help
    -k | --keepalive-interval=NUM
                            keepalive interval in seconds, 0 for disable
    -K | --keepalive-count=NUM
                            number of possible missed keepalive messages
    -l | --log=FILE         output logging to file
    -q | --quiet            quiet mode
    -r | --readonly         connect readonly
    -t | --timing           print timing information
    -v                      short version
    -V                      long version
         --version[=TYPE]   version, TYPE is short or long (default short)
  commands (non interactive mode):

`;

const usageFoot = `
  (specify help <group> for details about the commands in the group)

  (specify help <command> for details about the command)

`;

/** One group, or one command with its options. Throws NOTFOUND. */
export async function commandHelp(name: string, sources: HelpSources): Promise<string> {
  const group = sources.groups.find(([heading, keyword]) => heading === name || keyword === name);
  if (group) return groupText(group);
  const command = sources.groups.flatMap(([, , commands]) => commands).find(({ path }) => path.join(' ') === name);
  const definition = command && (await sources.definitionOf(name));
  if (!definition) {
    const line = `command or command group '${name}' doesn't exist`;
    const [close] = nearest(
      name,
      sources.groups.flatMap(([, , commands]) => commands.map(({ path }) => path.join(' '))),
    );
    throw new VirshError('NOTFOUND', line, line, close === undefined ? {} : { hint: `did you mean ${close}?` });
  }
  const shown = definition.options.filter(({ kind }) => kind !== 'alias');
  const synopsis = [name, ...shown.map(inSynopsis)].join(' ');
  const options = shown.map((option) => `    ${described(option).padEnd(16)} ${option.help}\n`);
  const parts = [
    `  NAME\n    ${name} - ${command.summary}\n`,
    `\n  SYNOPSIS\n    ${synopsis}\n`,
    ...(definition.description === undefined ? [] : [`\n  DESCRIPTION\n    ${definition.description}\n`]),
    ...(options.length > 0 ? [`\n  OPTIONS\n${options.join('')}`] : []),
  ];
  return parts.join('');
}

const isWord = ({ kind }: VirshOption): boolean => kind === 'data' || kind === 'rest';

function inSynopsis(option: VirshOption): string {
  const { name, kind, required } = option;
  if (kind === 'flag') return `[--${name}]`;
  if (kind === 'rest') return required === true ? `{[--${name}] <string>}...` : `[[--${name}] <string>]...`;
  if (kind === 'data') return `<${name}>`;
  const value = kind === 'number' ? 'number' : 'string';
  return required === true ? `--${name} <${value}>` : `[--${name} <${value}>]`;
}

function described(option: VirshOption): string {
  const { name, kind } = option;
  if (kind === 'flag') return `--${name}`;
  if (isWord(option)) return kind === 'rest' ? `[--${name}] <string>` : `[--${name}] <string>`;
  return `--${name} <${kind === 'number' ? 'number' : 'string'}>`;
}
