import { beforeEach, describe, expect, it } from '@jest/globals';
import { changedSince } from '../../../src/apply/changed-since.ts';
import { history, type JournalEntry } from '../../../src/apply/journal/journal.ts';
import { MemoryDriver } from './driver.ts';
import { create, failureOf, lab, networkXml, nicXml, ownDirectories, prepare, run, vm } from './material.ts';

ownDirectories();

let driver: MemoryDriver;
beforeEach(async () => {
  driver = new MemoryDriver();
  await prepare(driver);
});

async function done(): Promise<JournalEntry> {
  await run(driver, create);
  const [entry] = history(driver.uri);
  if (!entry) throw new Error('there is no entry');
  return entry;
}

describe('what has changed since a run', () => {
  it('is nothing right after it', async () => {
    expect(await changedSince(driver, await done())).toEqual([]);
  });

  it('is named, with the network or domain that it is of', async () => {
    const entry = await done();
    await driver.call('networkDefine', { xml: networkXml('lab', lab).replace('<uuid>', '<title>mine</title><uuid>') });
    await driver.call('domainSetAutostart', { domain: vm, autostart: true });
    await driver.call('domainUpdateDevice', { domain: vm, xml: nicXml('other'), live: true, config: false });
    expect(await changedSince(driver, entry)).toEqual(['network lab (definition)', 'domain web1 (autostart, NICs)']);
  });

  it('reports a deleted object', async () => {
    const entry = await done();
    await driver.call('domainDestroy', { domain: vm });
    await driver.call('domainUndefine', { domain: vm });
    expect(await changedSince(driver, entry)).toEqual([`domain ${vm} (it does not exist any more)`]);
  });

  it('is not what the run itself was doing when it broke off', async () => {
    driver.fail(4, 'lost after');
    await failureOf(run(driver, create));
    driver.revive();
    const [entry] = history(driver.uri);
    expect(await changedSince(driver, entry!)).toEqual([]);
  });

  it('is the definition of a network where the run broke off in a change of a domain', async () => {
    driver.fail(4, 'lost after');
    await failureOf(run(driver, create));
    driver.revive();
    const [entry] = history(driver.uri);
    await driver.call('networkDefine', { xml: networkXml('lab', lab).replace('<uuid>', '<title>mine</title><uuid>') });
    expect(await changedSince(driver, entry!)).toEqual(['network lab (definition)']);
  });
});
