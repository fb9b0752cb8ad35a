import { describe, expect, it } from '@jest/globals';
import { flowFilter, withTags } from '../../../src/capture/filter.ts';

const [guest, remote, any] = [
  { addresses: ['192.168.100.10'], macs: ['52:54:00:00:00:01'] },
  { addresses: ['192.168.100.40'], macs: [] },
  { addresses: [], macs: [] },
];

describe('the filter of a flow', () => {
  it('is what both ends have in common', () => {
    expect(flowFilter([guest, remote], 'icmp')).toBe(
      '(host 192.168.100.10 or ether host 52:54:00:00:00:01) and (host 192.168.100.40) and (icmp)',
    );
  });

  it('leaves out an end that may be anything', () => {
    expect(flowFilter([guest, any], undefined)).toBe('(host 192.168.100.10 or ether host 52:54:00:00:00:01)');
    expect(flowFilter([any, any], undefined)).toBeUndefined();
    expect(flowFilter([any], 'icmp')).toBe('(icmp)');
  });

  it('uses MAC addresses alone where no address is known: a router changes them', () => {
    const [one, other] = ['52:54:00:00:00:01', '52:54:00:00:00:02'].map((mac) => ({ addresses: [], macs: [mac] }));
    expect(flowFilter([one!, remote], undefined)).toBe('(host 192.168.100.40)');
    expect(flowFilter([one!, other!], undefined)).toBe(
      '(ether host 52:54:00:00:00:01 or ether host 52:54:00:00:00:02)',
    );
  });

  it('matches frames with VLAN tags too, unless it is about VLANs itself', () => {
    expect(withTags('icmp')).toBe('(icmp) or (vlan and ((icmp) or (vlan and (icmp))))');
    expect(withTags('vlan 10 and icmp')).toBe('vlan 10 and icmp');
  });
});
