/** virsh's commands about virsh itself: connect, cd, pwd, help, version, quit. */
import { homedir } from 'node:os';
import { virshDefaultUri } from '../../observe/default-uri.ts';
import { KvmnetError } from '../../errors.ts';
import { VirshError } from './grammar/error.ts';
import { uriRefusal } from './failures.ts';
import { flag, rest, text, type VirshDefinition } from './grammar/definition.ts';
import { groupHelp, commandHelp, type HelpSources } from './help.ts';

/** State that these commands change. */
export interface VirshState {
  /** The connection of the commands that follow; undefined: virsh's default one. */
  uri: string | undefined;
  readOnly: boolean;
  /** True at the prompt, and for commands on standard input. */
  readonly isInteractive: boolean;
  hasEnded: boolean;
}

/** Their definitions by name. */
export function builtins(state: VirshState, sources: HelpSources): ReadonlyMap<string, VirshDefinition> {
  const end = (): VirshDefinition => ({
    options: [],
    examples: [],
    isEnd: true,
    run: () => {
      state.hasEnded = true;
      return Promise.resolve(undefined);
    },
  });
  return new Map<string, VirshDefinition>([
    ['quit', end()],
    ['exit', end()],
    ['connect', connect(state)],
    ['echo', echo],
    ['cd', cd(state)],
    ['pwd', pwd],
    ['help', help(sources)],
  ]);
}

function connect(state: VirshState): VirshDefinition {
  return {
    options: [text('name', 'hypervisor connection URI', { empty: true }), flag('readonly', 'read-only connection')],
    examples: [],
    async run(call) {
      const name = call.text('name');
      const uri = name === '' || name === undefined ? state.uri : name;
      const readOnly = call.given('readonly');
      const { session, options } = call.context;
      const given = { ...options, uri: uri ?? virshDefaultUri(), readOnly };
      try {
        await session.connection(given, readOnly ? 'read' : 'change', () => undefined);
      } catch (error) {
        // The commands that follow keep the previous connection.
        session.hasFailedToOpen = false;
        if (!(error instanceof KvmnetError)) throw error;
        const { code, message, hint } = error;
        const refusal = uriRefusal(given.uri);
        const line = ['failed to connect to the hypervisor', ...(refusal === undefined ? [] : [refusal])].join('\n');
        throw new VirshError(code, message, line, {
          ...(hint === undefined ? {} : { hint }),
          cause: error,
        });
      }
      Object.assign(state, { uri, readOnly });
      return undefined;
    },
  };
}

const echo: VirshDefinition = {
  options: [
    flag('shell', 'escape for shell use'),
    flag('xml', 'escape for XML use'),
    flag('err', 'output to stderr'),
    rest('string', 'arguments to echo', { empty: true }),
  ],
  examples: [],
  isPartial: true,
  run(call) {
    call.exclusive('shell', 'xml');
    const words = call.rest('string');
    const quote = (word: string): string =>
      call.given('shell') ? shellWord(word) : call.given('xml') ? xmlText(word) : word;
    const line = words.map(quote).join(' ');
    if (call.given('err')) call.context.streams.stderr.write(`error: ${line}\n`);
    else call.print(line);
    return Promise.resolve(words);
  },
};

/** As libvirt quotes for a shell. */
function shellWord(word: string): string {
  if (word === '') return "''";
  return /[\r\t\n !"#$&'()*;<>?[\\\]^`{|}~]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word;
}

function xmlText(word: string): string {
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
  return word.replaceAll(/[&<>"']/g, (character) => `&${names[character] ?? ''};`);
}

function cd(state: VirshState): VirshDefinition {
  return {
    options: [text('dir', 'directory to switch to (default: home or else root)')],
    examples: [],
    run(call) {
      if (!state.isInteractive) {
        const line = 'cd: command valid only in interactive mode';
        throw new VirshError('USAGE', line, line);
      }
      const folder = call.text('dir') ?? homedir();
      try {
        process.chdir(folder);
      } catch (cause) {
        const line = `cd: ${systemReason(cause)}: ${folder}`;
        throw new VirshError('NOTFOUND', line, line, { cause });
      }
      return Promise.resolve(undefined);
    },
  };
}

/** The text of strerror(3). */
function systemReason(cause: unknown): string {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return { ENOENT: 'No such file or directory', ENOTDIR: 'Not a directory', EACCES: 'Permission denied' }[code] ?? code;
}

const pwd: VirshDefinition = {
  options: [],
  examples: [],
  run(call) {
    call.print(`${process.cwd()}\n`);
    return Promise.resolve(process.cwd());
  },
};

function help(sources: HelpSources): VirshDefinition {
  return {
    options: [text('command', 'Prints global help, command specific help, or help for a group of related commands')],
    examples: [],
    async run(call) {
      const name = call.text('command');
      call.print(name === undefined ? groupHelp(sources) : await commandHelp(name, sources));
      return undefined;
    },
  };
}
