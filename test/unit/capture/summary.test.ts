import { describe, expect, it } from '@jest/globals';
import { summaryText } from '../../../src/capture/summary.ts';

const hops = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([device, packets]) => ({ device, packets }));

describe('the summary of a capture', () => {
  it('names the hops that saw packets, and the hops that did not', () => {
    expect(summaryText(1, hops({ vnet1: 1, 'brvlan-10': 1, eno1: 1, 'brvlan-20': 0, vnet0: 0 }))).toBe(
      'vnet1, brvlan-10 and eno1 saw it; brvlan-20 and vnet0 did not',
    );
    expect(summaryText(3, hops({ vnet1: 3, eno1: 2, eno2: 0 }))).toBe('vnet1 saw them; eno1 saw 2 of 3; eno2 did not');
    expect(summaryText(2, hops({ vnet1: 2, eno1: 2 }))).toBe('vnet1 and eno1 saw them');
    expect(summaryText(0, hops({ vnet1: 0, eno1: 0 }))).toBe('no packet: vnet1 and eno1 saw none');
  });
});
