import { describe, expect, it } from '@jest/globals';
import { observeHostFirst } from '../../../src/observe/host-first.ts';
import { observe } from '../../../src/observe/observe.ts';
import { hostOf } from '../../../src/plan/host/find-link.ts';
import { MemoryDriver } from '../apply/driver.ts';

describe('a State', () => {
  it('has no part that was not read, which is not the same as an empty one', async () => {
    const driver = new MemoryDriver();
    const { connection, ...domains } = await observe(driver, { only: ['domains'] });
    expect(connection.uri).toBe(driver.uri);
    expect(domains).toStrictEqual({ domains: [] });
    const { connection: _, ...nothing } = await observe(driver, { only: [] });
    expect(nothing).toStrictEqual({});
  });

  it('has the parts of libvirt that were asked for where the host comes first', async () => {
    const access = { uri: 'qemu:///session', connect: () => Promise.resolve(new MemoryDriver()) };
    const { state } = await observeHostFirst(access, { only: ['networks', 'host'] });
    expect(Object.keys(state).sort()).toEqual(['connection', 'host', 'networks']);
    expect(state.networks).toEqual([]);
  });

  it('has no routes where they were not read, and no planner takes that for none', async () => {
    const access = { uri: 'qemu:///session', connect: () => Promise.resolve(new MemoryDriver()) };
    const { state } = await observeHostFirst(access, { routes: false });
    expect(state.host).toMatchObject({ links: expect.any(Array), routes: undefined });
    expect(() => hostOf(state)).toThrow('the routes of the host were not read');
    const { state: read } = await observeHostFirst(access, {});
    expect(hostOf(read).routes).toEqual(expect.any(Array));
  });
});
