import { planDomainStop } from '../../../plan/domain/lifecycle.ts';
import { flag, typed, type ValuesOf } from '../../options.ts';
import { changeDomains, domainNames } from './change-domains.ts';

const options = { force: flag('--force', 'Power the guest off: it loses unwritten data') };

export const command = typed({
  arguments: [domainNames],
  options,
  description: 'Asks the guest to shut down, and waits up to 30 seconds (--timeout).',
  examples: [
    ['vm stop VM1', 'Ask the guest, and wait'],
    ['vm stop VM1 --force', 'Do not ask'],
  ],
  run: changeDomains<ValuesOf<typeof options>, 'domains'>({
    planFor: (domain, _state, { force }) => planDomainStop(domain, { force }),
    done: (name) => `stopped ${name}`,
    look: { only: ['domains'] },
  }),
});
