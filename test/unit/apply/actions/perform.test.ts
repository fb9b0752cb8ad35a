import { beforeEach, describe, expect, it } from '@jest/globals';
import { perform } from '../../../../src/apply/actions/perform.ts';
import { readBefore } from '../../../../src/apply/actions/before.ts';
import type { Action } from '../../../../src/plan/step.ts';
import { libvirtError, MemoryDriver } from '../driver.ts';
import { failureOf, lab, networkXml, nicXml, prepare, vm } from '../material.ts';

let driver: MemoryDriver;
beforeEach(async () => {
  driver = new MemoryDriver();
  await prepare(driver);
  await driver.call('networkDefine', { xml: networkXml('lab', lab) });
});

const start: Action = { call: 'networkStart', network: lab };
const device = { domain: vm, xml: nicXml('lab'), live: true, config: true };

describe('an action', () => {
  it('is repeated where a network that has just stopped still holds the addresses', async () => {
    driver.fail(1, 'refused', libvirtError('VIR_ERR_INTERNAL_ERROR', 'dnsmasq: Address already in use'));
    await perform(driver, start);
    expect(driver.changes.slice(-2)).toEqual(['networkStart', 'networkStart']);
    expect(await driver.call('getNetwork', { network: lab })).toMatchObject({ active: true });
  });

  it('is repeated where a container has just been started', async () => {
    driver.fail(1, 'refused', libvirtError('VIR_ERR_OPERATION_INVALID', 'cannot attach until init PID is known'));
    await perform(driver, { call: 'domainAttachDevice', ...device });
    expect(driver.changes.slice(-2)).toEqual(['domainAttachDevice', 'domainAttachDevice']);
  });

  it.each(['dnsmasq: no such option', 'no space left'])('is not repeated for ever: %s', async (message) => {
    driver.fail(1, 'refused', libvirtError('VIR_ERR_INTERNAL_ERROR', message));
    const isStop = message.startsWith('dnsmasq');
    const action: Action = isStop ? { call: 'networkDestroy', network: lab } : start;
    expect((await failureOf(perform(driver, action))).message).toBe(message);
    expect(driver.changes.at(-2)).toBe('networkDefine');
  });
});

describe('what is read before an action', () => {
  it.each<Action>([
    start,
    { call: 'networkDefine', xml: networkXml('lab', lab) },
    { call: 'networkDestroy', network: lab },
  ])('shows whether it has changed the network: $call', async (action) => {
    const before = await readBefore(driver, action);
    expect(await before?.isUnchanged()).toBe(true);
    await driver.call('networkSetAutostart', { network: lab, autostart: true });
    expect(await before?.isUnchanged()).toBe(false);
  });

  it.each<Action>([
    { call: 'domainStart', domain: vm },
    { call: 'domainAttachDevice', ...device },
    { call: 'domainUpdateDevice', ...device, live: false },
  ])('shows whether it has changed the domain: $call', async (action) => {
    const before = await readBefore(driver, action);
    expect(await before?.isUnchanged()).toBe(true);
    await driver.call('domainSetAutostart', { domain: vm, autostart: true });
    expect(await before?.isUnchanged()).toBe(false);
  });

  it.each<Action>([
    { call: 'domainUpdateDevice', ...device },
    { call: 'hostSetDns', dev: 'x', scope: null },
    { call: 'hostLinks', commands: [] },
  ])('is empty if no definition shows it: $call', async (action) => {
    expect(await readBefore(driver, action)).toBeUndefined();
  });

  it('is nothing where the daemon is gone', async () => {
    driver.fail(1, 'lost before');
    await failureOf(perform(driver, { call: 'networkSetAutostart', network: lab, autostart: true }));
    expect(await readBefore(driver, start)).toBeUndefined();
  });
});
