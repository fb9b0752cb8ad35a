import { describe, expect, it } from '@jest/globals';
import type { PolicyRule } from '../../../../src/records/policy-rule.ts';
import { hostWith, route } from '../../plan/state.ts';
import { networks, pathOn } from './hosts.ts';

const rule = (given: Partial<PolicyRule>): PolicyRule => ({
  ...{ family: 'ipv4', priority: 100, source: undefined, destination: undefined, inDevice: undefined },
  ...{ hasOtherConditions: false, table: '100', suppressed: undefined, text: 'from all lookup 100' },
  ...given,
});

const main = rule({ priority: 32766, table: 'main', text: 'from all lookup main' });

/** The host with another default route in table 100. */
const host = {
  ...networks,
  host: hostWith(networks.host?.links ?? [], [
    ...(networks.host?.routes ?? []),
    { ...route('0.0.0.0/0', 'virbr2'), table: '100' },
  ]),
};

describe('policy routing', () => {
  it.each<readonly [string, readonly PolicyRule[]]>([
    ['for the subnet of the guest', [rule({ source: '10.0.0.0/24', text: 'from 10.0.0.0/24 lookup 100' }), main]],
    ['for the bridge of the guest', [rule({ inDevice: 'virbr0', text: 'from all iif virbr0 lookup 100' }), main]],
    ['with a mark', [rule({ hasOtherConditions: true, text: 'from all fwmark 0x1 lookup 100' }), main]],
    ['that refuses', [rule({ table: undefined, text: 'from all blackhole' }), main]],
    [
      'for all but marked packets, after the table main without its default route',
      [
        rule({ table: 'main', suppressed: 0, text: 'from all lookup main' }),
        rule({ hasOtherConditions: true, text: 'not from all fwmark 0x1 lookup 100' }),
        main,
      ],
    ],
  ])('makes a path to the outside unknown: a rule %s', (_, policy) => {
    const { verdict, reason } = pathOn(host, 'VM0', 'outside', { policy });
    expect(verdict).toBe('unknown');
    expect(reason).toContain(`unless the rule '${policy.find(({ table }) => table !== 'main')!.text}' (ip rule)`);
  });

  it.each<readonly [string, readonly PolicyRule[]]>([
    ['for another subnet', [rule({ source: '10.0.9.0/24' }), main]],
    ['for another destination', [rule({ destination: '203.0.113.0/24' }), main]],
    ['for another bridge', [rule({ inDevice: 'virbr5' }), main]],
    ['for packets of the host itself', [rule({ inDevice: 'lo' }), main]],
    ['of IPv6', [rule({ family: 'ipv6' }), main]],
    ['with a table without a route', [rule({ table: '200' }), main]],
    ['after the table main', [main, rule({ priority: 32767 })]],
    [
      'for the devices of a VRF',
      [rule({ hasOtherConditions: true, table: undefined, text: 'from all l3mdev goto undefined' }), main],
    ],
  ])('leaves a path as it is: a rule %s', (_, policy) => {
    expect(pathOn(host, 'VM0', 'outside', { policy })).toEqual(pathOn(host, 'VM0', 'outside'));
  });
});
