import { describe, expect, it } from '@jest/globals';
import { leaseChanges, objectChanges } from '../../../../src/state/timeline/gap.ts';

const lease = (address: string) => ({
  ...({ interface: 'virbr0', expires: 0, family: 'ipv4', prefix: 24, hostname: 'vm', clientId: undefined } as const),
  ...{ mac: '52:54:00:00:00:01', address },
});

describe('two readings', () => {
  it('of networks and VMs imply what happened in between', () => {
    const before = { networks: new Map([['old', true]]), domains: new Map([['VM1', true]]) };
    const after = { networks: new Map([['new', true]]), domains: new Map([['VM1', false]]) };
    expect(objectChanges(before, after).map((each) => `${'name' in each ? each.name : ''} ${each.event}`)).toEqual([
      ...['old undefined', 'new defined', 'new started', 'VM1 stopped'],
    ]);
    expect(objectChanges(after, after)).toEqual([]);
  });

  it('of leases imply which leases began and ended, with their VMs', () => {
    const before = [{ network: 'keennet', leases: [lease('192.168.132.7')] }];
    const after = [{ network: 'keennet', leases: [lease('192.168.132.8')] }];
    const changes = leaseChanges(before, after, (mac) => (mac === '52:54:00:00:00:01' ? 'VM1' : undefined));
    expect(changes).toMatchObject([
      { name: 'keennet', event: 'ended', address: '192.168.132.7', domain: 'VM1' },
      { name: 'keennet', event: 'added', address: '192.168.132.8', domain: 'VM1' },
    ]);
    expect(leaseChanges(after, after, () => undefined)).toEqual([]);
  });
});
