import { KvmnetError } from '../../errors.ts';
import type { CommandDefinition } from '../command.ts';
import { virshEntries } from '../virsh-registry.ts';

const width = Math.max(...virshEntries.map(({ path }) => path.join(' ').length));
const list = virshEntries.map(({ path, summary }) => `  ${path.join(' ').padEnd(width)}  ${summary}`);

export const command: CommandDefinition = {
  arguments: [{ name: '[COMMAND...]', description: 'a command of virsh, with its words' }],
  description: [
    "These commands have virsh's names, flags, output and exit status (0 or 1): alias virsh=kvmnet, and scripts go on.",
    'What kvmnet does better than virsh under the same name is listed in docs/virsh.md.',
    '',
    ...list,
  ].join('\n'),
  examples: [
    ['net-list --all', 'as virsh net-list --all; kvmnet virsh net-list --all is the same'],
    ["-q 'net-list --name; net-info default'", 'several commands in one argument, as virsh takes them'],
    ['help net-update', 'the flags of one of them'],
  ],
  run: (_context, [name]) => {
    const what = name === undefined ? 'which command of virsh?' : `${name} is not a command of virsh that kvmnet has`;
    return Promise.reject(new KvmnetError('USAGE', what, { hint: 'kvmnet help virsh lists them' }));
  },
};
