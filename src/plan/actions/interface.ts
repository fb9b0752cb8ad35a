/** The actions on the host's interfaces as libvirt configures them. */
import type { InterfaceAction } from '../action.ts';
import { expectsTheSame, showsNothing, showsXml, type ActionRows } from './row.ts';

export const interfaceActions: ActionRows<InterfaceAction> = {
  interfaceDefine: {
    fields: { xml: 'string' },
    changes: ['definition'],
    expects: (_action, verify) =>
      verify.expect === 'interface' ? { expect: 'interface', name: verify.name, defined: true } : { ...verify },
    shows: showsXml,
  },
  interfaceUndefine: {
    fields: { name: 'string' },
    changes: ['definition', 'active'],
    expects: ({ name }) => ({ expect: 'interface', name, defined: false }),
    shows: showsNothing,
  },
  interfaceStart: {
    fields: { name: 'string' },
    changes: ['active'],
    expects: ({ name }) => ({ expect: 'interface', name, active: true }),
    shows: showsNothing,
  },
  interfaceDestroy: {
    fields: { name: 'string' },
    changes: ['active'],
    expects: ({ name }) => ({ expect: 'interface', name, active: false }),
    shows: showsNothing,
  },
  // Which interfaces it is about, libvirt does not say.
  interfaceTransaction: {
    fields: { phase: 'string' },
    changes: [],
    expects: expectsTheSame,
    shows: showsNothing,
  },
};
