import { KvmnetError } from '../../errors.ts';
import type { CommandDefinition } from '../command.ts';
import { everydayEntries } from '../virsh/strict-registry.ts';
import { virshEntries } from '../virsh/registry.ts';

const width = Math.max(...[...virshEntries, ...everydayEntries].map(({ path }) => path.join(' ').length));
const lines = (entries: typeof virshEntries): readonly string[] =>
  entries.map(({ path, summary }) => `  ${path.join(' ').padEnd(width)}  ${summary}`);

export const command: CommandDefinition = {
  arguments: [{ name: '[COMMAND...]', description: 'Command of virsh, with its arguments (default: a prompt)' }],
  description: [
    "Takes a command line of virsh: with alias virsh='kvmnet virsh', scripts keep working. Options, output, errors and exit",
    "status (0 or 1) are virsh's. Commands that kvmnet does not have run in the real virsh, if it is installed.",
    'docs/virsh.md lists the differences.',
    '',
    'Only after kvmnet virsh:',
    ...lines(everydayEntries),
    '',
    'Also as commands of kvmnet:',
    ...lines(virshEntries),
  ].join('\n'),
  examples: [
    ['virsh list --all', 'Same as virsh list --all'],
    ["virsh -q 'net-list --name; net-info default'", 'Run several commands in one argument, as in virsh'],
    ['net-list --all --json', 'As a command of kvmnet, with all its options'],
    ['help net-update', 'Show the options of one command'],
  ],
  run: () => Promise.reject(new KvmnetError('USAGE', 'which command of virsh?', { hint: 'kvmnet help virsh' })),
};
