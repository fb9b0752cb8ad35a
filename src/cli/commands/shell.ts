import { KvmnetError } from '../../errors.ts';
import type { Result } from '../command.ts';
import { flag, typed } from '../options.ts';
import { readDocument } from '../terminal/input-file.ts';

export const command = typed({
  arguments: [{ name: '[FILE]', description: 'Script to run (default: standard input)', completes: 'file' }],
  options: {
    errexit: flag('-e, --errexit', 'Stop at the first command that fails, with its exit status'),
    echo: flag('-x, --echo', 'Print each line of a script to stderr before it runs'),
  },
  description: [
    'Each line is a command line, without kvmnet. Quotes and backslashes are as in a POSIX shell, and nothing is expanded; # begins a',
    'comment; a line that ends in a backslash continues on the next. exit and quit leave, clear clears the screen, ? is help. The global options of the',
    'shell apply to each line; options on the line override them.',
    '',
    'Without a script, on a terminal, the shell has a prompt with history and completion: Ctrl-R searches earlier lines, Ctrl-C stops a',
    'command, Ctrl-D leaves.',
    '',
    'A script cannot answer questions: use --yes to disconnect guests. Messages on stderr are preceded by the line of the script. The exit',
    'status is 0 if all commands succeeded, otherwise the status of the last one that failed; with -e, of the first.',
  ].join('\n'),
  examples: [
    ['shell', 'Open a prompt'],
    ['shell -e < networks.kvmnet', 'Run a script'],
    ['-c test:///default shell -x networks.kvmnet', "Try a script on libvirt's test driver, which changes nothing"],
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
    return ended(await runScript(context, textOf(input), { errexit, echo }));
  },
});

/** The commands have printed their results. */
function ended(status: number): Result {
  return { value: undefined, text: '', status };
}
