/** The actions on whole domains. */
import { rootPorts } from '../../state/pci-slots.ts';
import { parseDomain } from '../../xml/domain.ts';
import type { DomainAction } from '../action.ts';
import { expectsTheSame, showsNothing, showsXml, type ActionRows } from './row.ts';

const all = ['definition', 'active', 'autostart', 'NICs'] as const;
const run = ['active', 'NICs'] as const;

export const domainActions: ActionRows<DomainAction> = {
  domainDefine: {
    fields: { xml: 'string' },
    changes: all,
    expects: ({ xml }, verify) => {
      if (verify.expect === 'domain') return { expect: 'domain', domain: verify.domain, defined: true };
      return verify.expect === 'rootPorts' ? { ...verify, count: rootPorts(parseDomain(xml)) } : { ...verify };
    },
    shows: showsXml,
  },
  domainUndefine: {
    fields: { domain: 'string' },
    changes: all,
    expects: ({ domain }) => ({ expect: 'domain', domain, defined: false }),
    shows: showsNothing,
  },
  domainStart: {
    fields: { domain: 'string' },
    changes: run,
    expects: ({ domain }) => ({ expect: 'domain', domain, active: true }),
    shows: showsNothing,
  },
  domainShutdown: {
    fields: { domain: 'string' },
    changes: run,
    expects: ({ domain }) => ({ expect: 'domain', domain, active: false }),
    shows: showsNothing,
  },
  domainDestroy: {
    fields: { domain: 'string' },
    changes: run,
    expects: ({ domain }) => ({ expect: 'domain', domain, active: false }),
    shows: showsNothing,
  },
  domainReboot: {
    fields: { domain: 'string' },
    changes: run,
    expects: expectsTheSame,
    shows: showsNothing,
  },
  domainSuspend: {
    fields: { domain: 'string' },
    changes: [],
    expects: ({ domain }) => ({ expect: 'domain', domain, paused: true }),
    shows: showsNothing,
  },
  domainResume: {
    fields: { domain: 'string' },
    changes: [],
    expects: ({ domain }) => ({ expect: 'domain', domain, paused: false }),
    shows: showsNothing,
  },
  domainSetAutostart: {
    fields: { domain: 'string', autostart: 'boolean' },
    changes: ['autostart'],
    expects: ({ domain, autostart }) => ({ expect: 'domain', domain, autostart }),
    shows: showsNothing,
  },
};
