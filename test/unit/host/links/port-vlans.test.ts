import { describe, expect, it } from '@jest/globals';
import { parsePortVlans } from '../../../../src/host/links/port-vlans.ts';

describe('what bridge vlan show prints', () => {
  it('is the VLANs of the port, with ranges written out', () => {
    const json = `[{"ifname":"vnet0","vlans":[{"vlan":1,"flags":["PVID","Egress Untagged"]},{"vlan":5,"vlanEnd":7}]}]`;
    expect(parsePortVlans(json, 'vnet0')).toEqual([
      { id: 1, pvid: true, untagged: true },
      ...[5, 6, 7].map((id) => ({ id, pvid: false, untagged: false })),
    ]);
  });

  it.each(['', '[]', '[{"ifname":"vnet1","vlans":[{"vlan":1}]}]', '[{"ifname":"vnet0"}]'])('is none in %j', (json) => {
    expect(parsePortVlans(json, 'vnet0')).toEqual([]);
  });
});
