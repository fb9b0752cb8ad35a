import { planDomainStop } from '../../../plan/domain/lifecycle.ts';
import { flag, typed, type ValuesOf } from '../../options.ts';
import { changeDomains, domainNames } from './names.ts';

const options = { force: flag('--force', 'pull the plug: the guest loses what it has not written') };

export const command = typed({
  arguments: [domainNames],
  options,
  description: 'Asks the guest to shut down, and waits up to 30 seconds (--timeout) until it has.',
  examples: [
    ['vm stop VM1', 'asks the guest, and waits'],
    ['vm stop VM1 --force', 'does not ask'],
  ],
  run: changeDomains<ValuesOf<typeof options>>({
    planFor: (domain, _state, { force }) => planDomainStop(domain, { force }),
    done: (name) => `stopped ${name}`,
  }),
});
