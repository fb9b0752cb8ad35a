/** The actions on libvirt's networks. */
import type { NetworkAction } from '../action.ts';
import type { Expectation } from '../expectation.ts';
import { showsNothing, showsXml, type ActionRows } from './row.ts';

const all = ['definition', 'active', 'autostart'] as const;

export const networkActions: ActionRows<NetworkAction> = {
  networkDefine: {
    fields: { xml: 'string' },
    changes: all,
    expects: (action, verify) => ({ expect: 'network', network: networkOf(action, verify), defined: true }),
    shows: showsXml,
  },
  networkCreate: {
    fields: { xml: 'string' },
    changes: all,
    expects: (action, verify) => ({ expect: 'network', network: networkOf(action, verify), active: true }),
    shows: showsXml,
  },
  networkUndefine: {
    fields: { network: 'string' },
    changes: ['definition', 'autostart'],
    expects: (action, verify) => ({ expect: 'network', network: networkOf(action, verify), defined: false }),
    shows: showsNothing,
  },
  networkUndefineKeepingLeases: {
    fields: { xml: 'string' },
    changes: ['definition', 'autostart'],
    expects: (action, verify) => ({ expect: 'network', network: networkOf(action, verify), defined: false }),
    shows: showsXml,
  },
  networkStart: {
    fields: { network: 'string' },
    changes: ['active'],
    expects: (action, verify) => ({ expect: 'network', network: networkOf(action, verify), active: true }),
    shows: showsNothing,
  },
  networkDestroy: {
    fields: { network: 'string' },
    changes: ['active', 'definition'],
    expects: (action, verify) => ({ expect: 'network', network: networkOf(action, verify), active: false }),
    shows: showsNothing,
  },
  networkSetAutostart: {
    fields: { network: 'string', autostart: 'boolean' },
    changes: ['autostart'],
    expects: (action, verify) => ({
      expect: 'network',
      network: networkOf(action, verify),
      autostart: action.autostart,
    }),
    shows: showsNothing,
  },
  networkUpdate: {
    fields: {
      network: 'string',
      command: 'number',
      section: 'number',
      parentIndex: 'number',
      xml: 'string',
      flags: 'number',
    },
    changes: ['definition'],
    expects: (_action, verify) =>
      verify.expect === 'section' ? { ...verify, present: !verify.present } : { ...verify },
    shows: showsXml,
  },
  networkPortCreate: {
    fields: { network: 'string', xml: 'string' },
    changes: [],
    expects: (_action, verify) => (verify.expect === 'port' ? { ...verify, present: true } : { ...verify }),
    shows: showsXml,
  },
  networkPortDelete: {
    fields: { network: 'string', port: 'string' },
    changes: [],
    expects: ({ network, port }) => ({ expect: 'port', network, port, present: false }),
    shows: showsNothing,
  },
  networkSetMetadata: {
    fields: { network: 'string', type: 'string', live: 'boolean', config: 'boolean' },
    changes: ['definition'],
    expects: ({ network, type, uri, live, config, value = '' }) => ({
      expect: 'metadata',
      ...{ network, type, live, config },
      ...(uri === undefined ? {} : { uri }),
      present: value !== '',
    }),
    shows: ({ value = '' }) => value.trimEnd(),
  },
};

/** What the step looked at comes first: a renamed network is told by its name, for its UUID stays. */
function networkOf(action: NetworkAction, verify: Expectation): string {
  if (verify.expect === 'network') return verify.network;
  if ('network' in action) return action.network;
  return 'network' in verify ? (verify.network ?? '') : '';
}
