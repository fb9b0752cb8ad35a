/** The actions on network filters, and on their bindings to taps. */
import type { FilterAction } from '../action.ts';
import { showsNothing, showsXml, type ActionRows } from './row.ts';

export const filterActions: ActionRows<FilterAction> = {
  filterDefine: {
    fields: { xml: 'string' },
    changes: ['definition'],
    expects: (_action, verify) => (verify.expect === 'filter' ? { ...verify, defined: true } : { ...verify }),
    shows: showsXml,
  },
  filterUndefine: {
    fields: { filter: 'string' },
    changes: ['definition'],
    expects: ({ filter }, verify) =>
      verify.expect === 'filter' ? { ...verify, defined: false } : { expect: 'filter', filter, defined: false },
    shows: showsNothing,
  },
  filterBindingCreate: {
    fields: { xml: 'string' },
    changes: ['definition'],
    expects: (_action, verify) => (verify.expect === 'filter binding' ? { ...verify, present: true } : { ...verify }),
    shows: showsXml,
  },
  filterBindingDelete: {
    fields: { portDev: 'string' },
    changes: ['definition'],
    expects: ({ portDev }) => ({ expect: 'filter binding', portDev, present: false }),
    shows: showsNothing,
  },
};
