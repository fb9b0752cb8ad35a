import { KvmnetError } from '../../errors.ts';
import type { CommandDefinition, Result } from '../command.ts';
import { readDocument } from '../terminal/input-file.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[FILE]', description: 'a script; standard input when left out', completes: 'file' }],
  options: [
    { flags: '-e, --errexit', description: 'stop at the first command that fails, with its exit status' },
    { flags: '-x, --echo', description: 'print each line of a script, on stderr, before it is run' },
  ],
  description: [
    'Each line is a command line, without kvmnet. Quotes and backslashes are as in a POSIX shell, and nothing is expanded; # begins a',
    'comment; a line that ends in a backslash goes on in the next. exit and quit leave, clear clears the screen, ? is help. The options of every command that the shell is',
    'started with hold for each line; those on the line come after them.',
    '',
    'Without a script, at a terminal, there is a prompt with a history and completion: Ctrl-R finds an earlier line that contains what is',
    'typed, Ctrl-C stops a command, Ctrl-D leaves.',
    '',
    'A script cannot be asked: what would disconnect a guest needs --yes. What a command says on stderr is preceded by its line. The exit',
    'status is 0 when all commands succeeded, else that of the last one that failed; with -e that of the first.',
  ].join('\n'),
  examples: [
    ['shell', 'a prompt'],
    ['shell -e < networks.kvmnet', 'a script'],
    ['-c test:///default shell -x networks.kvmnet', "try a script on libvirt's test driver, which changes nothing"],
  ],
  async run(context, [file], { errexit, echo }): Promise<Result> {
    if (context.session.isShell) throw new KvmnetError('USAGE', 'this is a shell already');
    const { stdin } = context.streams;
    if (file === undefined && stdin.isTTY === true) {
      const { runPrompt } = await import('../shell/prompt.ts');
      return ended(await runPrompt(context));
    }
    const { runScript, textOf } = await import('../shell/script.ts');
    const input = file === undefined ? stdin : [await readDocument(context, file)];
    return ended(await runScript(context, textOf(input), { errexit: errexit === true, echo: echo === true }));
  },
};

/** The commands have printed their results. */
function ended(status: number): Result {
  return { value: undefined, text: '', status };
}
