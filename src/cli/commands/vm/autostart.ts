import { planDomainAutostart } from '../../../plan/domain/changes.ts';
import { flag, typed, type ValuesOf } from '../../options.ts';
import { changeDomains, domainNames } from './change-domains.ts';

const options = { disable: flag('--disable', 'Disable autostart') };

export const command = typed({
  arguments: [domainNames],
  options,
  examples: [
    ['vm autostart VM1', 'Start it at boot from now on'],
    ['vm autostart VM1 --disable', 'not started at boot any more'],
  ],
  run: changeDomains<ValuesOf<typeof options>, 'domains'>({
    planFor: (domain, _state, { disable }) => planDomainAutostart(domain, !disable),
    done: (name, { disable }) => `${name}: ${disable ? 'not started at boot any more' : 'started at boot'}`,
    look: { only: ['domains'] },
  }),
});
