import { KvmnetError } from '../../errors.ts';
import type { CommandDefinition } from '../command.ts';
import { everydayEntries } from '../virsh/strict-registry.ts';
import { virshEntries } from '../virsh/registry.ts';

const width = Math.max(...[...virshEntries, ...everydayEntries].map(({ path }) => path.join(' ').length));
const lines = (entries: typeof virshEntries): readonly string[] =>
  entries.map(({ path, summary }) => `  ${path.join(' ').padEnd(width)}  ${summary}`);

export const command: CommandDefinition = {
  arguments: [{ name: '[COMMAND...]', description: 'a command of virsh, with its words; without one, a prompt' }],
  description: [
    "What stands behind it is a command line of virsh: alias virsh='kvmnet virsh', and scripts go on. Flags, output, errors and exit",
    'status (0 or 1) are those of virsh. What kvmnet does not have is handed to virsh, where that is installed.',
    'What kvmnet does better than virsh under the same name is listed in docs/virsh.md.',
    '',
    'With this word only:',
    ...lines(everydayEntries),
    '',
    'With it, or as a command of kvmnet:',
    ...lines(virshEntries),
  ].join('\n'),
  examples: [
    ['virsh list --all', 'as virsh list --all'],
    ["virsh -q 'net-list --name; net-info default'", 'several commands in one argument, as virsh takes them'],
    ['net-list --all --json', 'as a command of kvmnet, with all its options'],
    ['help net-update', 'the flags of one of them'],
  ],
  run: () => Promise.reject(new KvmnetError('USAGE', 'which command of virsh?', { hint: 'kvmnet help virsh' })),
};
