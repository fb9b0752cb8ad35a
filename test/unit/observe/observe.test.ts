import { describe, expect, it } from '@jest/globals';
import { observeHostFirst } from '../../../src/observe/host-first.ts';
import { observe } from '../../../src/observe/observe.ts';
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
});
