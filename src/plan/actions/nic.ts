/** The actions on the devices of domains. */
import { parseInterface } from '../../xml/interface.ts';
import type { DeviceChange, NicAction } from '../action.ts';
import type { Expectation, NicExpectation } from '../expectation.ts';
import { showsNothing, showsXml, type ActionRows } from './row.ts';

const device = { domain: 'string', xml: 'string', live: 'boolean', config: 'boolean' } as const;
const changes = ['definition', 'NICs'] as const;

export const nicActions: ActionRows<NicAction> = {
  domainAttachDevice: {
    fields: device,
    changes,
    expects: (action, verify) => nicExpectation(action, verify, {}),
    shows: showsXml,
  },
  domainUpdateDevice: {
    fields: device,
    changes,
    expects: (action, verify) => {
      const { network, bridge, dev } = parseInterface(action.xml).source ?? {};
      const source = network ?? bridge ?? dev;
      return nicExpectation(action, verify, source === undefined ? {} : { source });
    },
    shows: showsXml,
  },
  domainDetachDevice: {
    fields: device,
    changes,
    expects: (action, verify) => nicExpectation(action, verify, false),
    shows: showsXml,
  },
  domainDetachDeviceAlias: {
    fields: { domain: 'string', alias: 'string', live: 'boolean', config: 'boolean' },
    changes,
    expects: (action, verify) => nicExpectation(action, verify, false),
    shows: showsNothing,
    // A NIC detached by its alias gets another alias when it is attached again: its definition identifies it.
    again: (action, { undo: [attach] }) =>
      attach?.call === 'domainAttachDevice' ? { ...attach, call: 'domainDetachDevice' } : action,
  },
  domainSetInterfaceRates: {
    fields: { domain: 'string', device: 'string', inbound: 'object', outbound: 'object' },
    changes: ['definition'],
    expects: ({ domain, inbound, outbound }, verify) =>
      nicExpectation({ domain, live: true, config: false }, verify, {
        rate: {
          in: inbound.average || null,
          out: outbound.average || null,
          ...(inbound.floor === undefined ? {} : { floor: inbound.floor || null }),
        },
      }),
    shows: showsNothing,
  },
};

function nicExpectation(
  { domain, live, config }: Pick<DeviceChange, 'domain' | 'live' | 'config'>,
  verify: Expectation,
  expected: NicExpectation | false,
): Expectation {
  const mac = 'mac' in verify ? verify.mac : '';
  return { expect: 'nic', domain, mac, ...(live ? { live: expected } : {}), ...(config ? { config: expected } : {}) };
}
