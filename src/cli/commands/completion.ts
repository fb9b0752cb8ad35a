import { KvmnetError } from '../../errors.ts';
import type { CommandDefinition } from '../command.ts';
import { completionScript, shells } from '../complete/scripts.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<SHELL>', description: shells.join(', '), completes: shells }],
  description:
    'The script completes commands, options and their values, and the names of networks, domains, NICs, bridges and templates. ' +
    'Tab waits 1.5 seconds at most for names; KVMNET_COMPLETION_TIMEOUT sets another number of seconds.',
  examples: [
    ['completion bash > /usr/share/bash-completion/completions/kvmnet', 'Install it for all users'],
    ['completion zsh > /usr/local/share/zsh/site-functions/_kvmnet', 'Install it for zsh'],
    ['completion fish > ~/.config/fish/completions/kvmnet.fish', 'Install it for one user of fish'],
  ],
  run(_context, [wanted]) {
    const shell = shells.find((name) => name === wanted);
    if (!shell) {
      const message = `no completion for ${JSON.stringify(wanted)}`;
      return Promise.reject(new KvmnetError('INPUT', message, { hint: `supported shells: ${shells.join(', ')}` }));
    }
    const script = completionScript(shell);
    return Promise.resolve({ value: { shell, script }, text: script });
  },
};
