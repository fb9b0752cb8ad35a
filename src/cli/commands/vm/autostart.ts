import { planDomainAutostart } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  options: [{ flags: '--disable', description: 'Disable autostart' }],
  examples: [
    ['vm autostart VM1', 'Start it at boot from now on'],
    ['vm autostart VM1 --disable', 'No longer start it at boot'],
  ],
  run: changeDomains({
    planFor: (domain, _state, { disable }) => planDomainAutostart(domain, disable !== true),
    done: (name, { disable }) => `${name}: ${disable === true ? 'not started at boot any more' : 'started at boot'}`,
  }),
};
