import { planDomainStop } from '../../../plan/domain/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  options: [{ flags: '--force', description: 'Power the guest off: it loses unwritten data' }],
  description: 'Asks the guest to shut down, and waits up to 30 seconds (--timeout).',
  examples: [
    ['vm stop VM1', 'Ask the guest, and wait'],
    ['vm stop VM1 --force', 'Do not ask'],
  ],
  run: changeDomains({
    planFor: (domain, _state, { force }) => planDomainStop(domain, { force: force === true }),
    done: (name) => `stopped ${name}`,
  }),
};
