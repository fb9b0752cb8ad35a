import { beforeEach, describe, expect, it } from '@jest/globals';
import { isUndone } from '../../../src/apply/actions/is-undone.ts';
import { didNothing, isRefused, undo } from '../../../src/apply/undo.ts';
import { KvmnetError } from '../../../src/errors.ts';
import type { Action, Step } from '../../../src/plan/step.ts';
import { libvirtError, MemoryDriver } from './driver.ts';
import { domainXml, lab, mac, networkXml, nicXml, prepare, steps, vm } from './material.ts';

let driver: MemoryDriver;
beforeEach(async () => {
  driver = new MemoryDriver();
  await prepare(driver);
});

const device = { domain: vm, xml: nicXml('lab'), live: true, config: true };
const run = () => ({ connection: driver, entry: undefined });

describe('undoing steps', () => {
  it('goes in reverse order, past what fails, and names it', async () => {
    await driver.call('networkDefine', { xml: networkXml('lab', lab) });
    await driver.call('networkSetAutostart', { network: lab, autostart: true });
    await driver.call('networkStart', { network: lab });
    driver.fail(1, 'refused');
    const told: string[] = [];
    const failures = await undo(run(), steps.slice(0, 3), ({ title }) => told.push(title));
    expect(told).toEqual(['start network lab', 'enable autostart of network lab', 'define network lab']);
    expect(failures).toMatchObject([{ step: { title: 'start network lab' }, error: { message: 'it failed' } }]);
  });

  it('does nothing a second time', async () => {
    await driver.call('networkDefine', { xml: networkXml('lab', lab) });
    expect(await undo(run(), steps.slice(0, 1), undefined)).toEqual([]);
    expect(await undo(run(), steps, undefined)).toEqual([]);
    expect(driver.content).toMatchObject({ networks: [], domains: [{ autostart: false }] });
  });

  it('detaches a NIC from the scope that has it, and from no other', async () => {
    await driver.call('domainAttachDevice', { ...device, config: false });
    const count = driver.changes.length;
    expect(await undo(run(), steps.slice(3), undefined)).toEqual([]);
    expect(driver.changes.slice(count)).toEqual(['domainDetachDevice']);
    expect(await undo(run(), steps.slice(3), undefined)).toEqual([]);
    expect(driver.changes).toHaveLength(count + 1);
  });

  it('waits between two undos as long as between the steps, because a guest has to see its link go', async () => {
    await driver.call('domainAttachDevice', device);
    const pause = 300;
    const update = (title: string, from: string, to: string): Step => ({
      title,
      do: { call: 'domainUpdateDevice', ...device, xml: nicXml(to) },
      undo: [{ call: 'domainUpdateDevice', ...device, xml: nicXml(from) }],
      verify: { expect: 'nic', domain: vm, mac, live: { source: to } },
    });
    await driver.call('domainUpdateDevice', { ...device, xml: nicXml('third') });
    const times: number[] = [];
    driver.onChange = () => times.push(performance.now());
    const moves = [{ ...update('first', 'lab', 'other'), pause }, update('second', 'other', 'third')];
    expect(await undo(run(), moves, undefined)).toEqual([]);
    expect(times).toHaveLength(2);
    // A timer may be a millisecond early.
    expect(times[1]! - times[0]!).toBeGreaterThan(pause - 2);
  });

  it('does not attach a NIC that is already attached', async () => {
    await driver.call('domainAttachDevice', device);
    const count = driver.changes.length;
    const detach: Step = {
      title: 'take out',
      do: { call: 'domainDetachDevice', ...device },
      undo: [{ call: 'domainAttachDevice', ...device }],
      verify: { expect: 'nic', domain: vm, mac, live: false, config: false },
    };
    expect(await undo(run(), [detach], undefined)).toEqual([]);
    expect(driver.changes).toHaveLength(count);
  });
});

describe('whether an action that failed is undone', () => {
  const error = new Error('it failed');
  const update: Step = {
    title: 'plug into other',
    do: { call: 'domainUpdateDevice', ...device, xml: nicXml('other') },
    undo: [{ call: 'domainUpdateDevice', ...device }],
    verify: { expect: 'nic', domain: vm, mac, live: { source: 'other' }, config: { source: 'other' } },
  };

  it('is decided by the previous definition of a network', async () => {
    const old = networkXml('lab', lab);
    const step = { ...steps[0]!, undo: [{ call: 'networkDefine', xml: old }] } as const;
    await driver.call('networkDefine', { xml: old });
    expect(await isUndone(driver, step.undo[0], step, error)).toBe(true);
    await driver.call('networkDefine', { xml: old.replace('<uuid>', '<domain name="lab"/><uuid>') });
    expect(await isUndone(driver, step.undo[0], step, error)).toBe(false);
  });

  it('is decided by the previous definition of a domain', async () => {
    const { inactiveXml = '' } = await driver.call('getDomain', { domain: vm });
    const step: Step = {
      title: 'redefine',
      do: { call: 'domainDefine', xml: domainXml },
      undo: [],
      verify: { expect: 'domain', domain: vm, defined: true },
    };
    expect(await isUndone(driver, { call: 'domainDefine', xml: inactiveXml }, step, error)).toBe(true);
    expect(await isUndone(driver, { call: 'domainDefine', xml: domainXml }, step, error)).toBe(false);
  });

  it('is decided by all settings of a NIC, in each scope of the action', async () => {
    await driver.call('domainAttachDevice', device);
    const [back] = update.undo as readonly [Action];
    expect(await isUndone(driver, back, update, error)).toBe(true);
    await driver.call('domainUpdateDevice', { ...device, xml: nicXml('other'), live: false });
    expect(await isUndone(driver, back, update, error)).toBe(false);
  });

  it('is not known where it cannot be read', async () => {
    driver.fail(1, 'lost before');
    await driver.call('networkDefine', { xml: networkXml('lab', lab) }).catch(() => undefined);
    const [back] = steps[0]!.undo as readonly [Action];
    expect(await isUndone(driver, back, steps[0]!, error)).toBe(false);
  });

  it('is decided by the error if a NIC whose VLANs are set is not attached', async () => {
    const vlans = { domain: vm, mac, vlans: [] };
    const step: Step = {
      title: 'into no VLAN',
      do: { call: 'hostSetPortVlans', ...vlans },
      undo: [],
      verify: { expect: 'portVlans', ...vlans },
    };
    expect(await isUndone(driver, step.do, step, new KvmnetError('NOTFOUND', 'no NIC'))).toBe(true);
    expect(await isUndone(driver, step.do, step, error)).toBe(false);
  });
});

describe("libvirt's answer", () => {
  const invalid = libvirtError('VIR_ERR_OPERATION_INVALID');
  const start: Action = { call: 'networkStart', network: lab };
  const undefine: Action = { call: 'networkUndefine', network: lab };
  const attach: Action = { call: 'domainAttachDevice', ...device };

  it('that an operation is not valid means for a start or stop that nothing was done', () => {
    expect(didNothing(start, invalid)).toBe(true);
    expect(didNothing(undefine, invalid)).toBe(false);
    expect(didNothing(start, libvirtError('VIR_ERR_OPERATION_FAILED'))).toBe(false);
  });

  it('that a device is not valid means that it was refused, and nothing for other actions', () => {
    const fault = libvirtError('VIR_ERR_XML_ERROR');
    expect(isRefused(attach, fault)).toBe(true);
    expect(isRefused({ ...attach, call: 'domainDetachDevice' }, fault)).toBe(false);
    expect(isRefused(attach, invalid)).toBe(false);
    expect(isRefused(start, fault)).toBe(false);
  });
});
