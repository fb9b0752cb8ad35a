import { planDomainAutostart } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  options: [{ flags: '--disable', description: 'no longer' }],
  examples: [
    ['vm autostart VM1', 'started at boot from now on'],
    ['vm autostart VM1 --disable', 'not started at boot any more'],
  ],
  run: changeDomains({
    planFor: (domain, _state, { disable }) => planDomainAutostart(domain, disable !== true),
    done: (name, { disable }) => `${name}: ${disable === true ? 'not started at boot any more' : 'started at boot'}`,
  }),
};
