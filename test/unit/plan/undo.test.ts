import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../../src/plan/step.ts';
import { planUndo } from '../../../src/plan/undo.ts';
import { stateWith } from './state.ts';

const domain = '11111111-1111-4111-8111-111111111111';
const mac = '52:54:00:00:00:01';
const device = {
  domain,
  xml: `<interface type="bridge"><mac address="${mac}"/></interface>`,
  live: true,
  config: false,
};
const plugged = { expect: 'nic', domain, mac, live: {} } as const;

function undo(...steps: readonly Step[]) {
  return planUndo({ title: 'what was done', steps }, [], stateWith()).steps;
}

const calls = (steps: readonly Step[]) => steps.map(({ do: action }) => action.call);

describe('the undo of detaching a NIC in a VLAN', () => {
  const port = { domain, mac } as const;
  const vlans = [{ id: 10, pvid: true, untagged: true }];
  const attach: Step = {
    title: 'plug in',
    do: { call: 'domainAttachDevice', ...device },
    undo: [{ call: 'domainDetachDevice', ...device }],
    verify: plugged,
  };
  const vlan: Step = {
    title: 'into VLAN 10',
    do: { call: 'hostSetPortVlans', ...port, vlans },
    undo: [{ call: 'hostSetPortVlans', ...port, vlans: [] }],
    verify: { expect: 'portVlans', ...port, vlans },
  };

  it('is out of all VLANs first, and then out of the guest', () => {
    expect(undo(attach, vlan)).toMatchObject([
      { do: { call: 'hostSetPortVlans', vlans: [] }, verify: { expect: 'portVlans', ...port, vlans: [] } },
      { do: { call: 'domainDetachDevice' }, verify: { live: false } },
    ]);
  });

  it('is to attach it, in the same VLAN', () => {
    expect(undo(...undo(attach, vlan))).toMatchObject([
      { do: { call: 'domainAttachDevice' } },
      { do: { call: 'hostSetPortVlans', vlans }, verify: { expect: 'portVlans', vlans } },
    ]);
  });
});

describe('the undo of detaching a NIC by its alias', () => {
  const step: Step = {
    title: 'take out',
    do: { call: 'domainDetachDeviceAlias', domain, alias: 'net0', live: true, config: false },
    undo: [{ call: 'domainAttachDevice', ...device }],
    verify: { ...plugged, live: false },
  };

  it('attaches it; the undo of that detaches it by its definition, because another NIC may be called net0 by then', () => {
    const back = undo(step);
    expect(calls(back)).toEqual(['domainAttachDevice']);
    expect(undo(...back)).toMatchObject([
      { do: { call: 'domainDetachDevice', xml: device.xml }, verify: { live: false } },
    ]);
  });
});

describe('the undo of limits', () => {
  it('expects the previous floor', () => {
    const none = { average: 0, peak: 0, burst: 0 };
    const rates = (floor: number): Step['do'] => ({
      ...{ call: 'domainSetInterfaceRates', domain, device: 'vnet0' },
      ...{ inbound: { ...none, average: 10, floor }, outbound: none },
    });
    const step: Step = { title: 'limit', do: rates(5), undo: [rates(0)], verify: plugged };
    expect(undo(step)).toMatchObject([{ verify: { live: { rate: { in: 10, out: null, floor: null } } } }]);
  });
});
