import { describe, expect, it } from '@jest/globals';
import { hopTexts, pathOn, vlans } from './hosts.ts';

describe('a path on bridges', () => {
  it('leads from tap to tap inside a broadcast domain', () => {
    const path = pathOn(vlans, 'VM2', 'VM3');
    expect(path).toMatchObject({
      verdict: 'reachable',
      reason: 'VM2 and VM3 are in one broadcast domain: brvlan-20',
    });
    expect(hopTexts(path)).toEqual(['guest VM2', 'tap vnet1', 'bridge brvlan-20', 'tap vnet2', 'guest VM3']);
  });

  it('does not exist between VLANs that no router connects', () => {
    expect(pathOn(vlans, 'VM1', 'VM2')).toMatchObject({
      verdict: 'unreachable',
      reason:
        'VM1 and VM2 are in different broadcast domains: brvlan-10 carries VLAN 10, brvlan-20 carries VLAN 20, and no router connects them',
    });
  });

  it('leads to the cable, and names the VLAN there', () => {
    const path = pathOn(vlans, 'VM1', '192.168.100.40');
    expect(hopTexts(path)).toEqual([
      'guest VM1',
      'tap vnet0',
      'bridge brvlan-10',
      'vlan eno1.10 VLAN 10',
      'nic eno1 VLAN 10',
      'cable cable of eno1 VLAN 10',
    ]);
  });
});
