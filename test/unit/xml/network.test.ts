import { describe, expect, it } from '@jest/globals';
import { buildNetwork } from '../../../src/xml/build.ts';
import { parseNetwork, parseWrittenNetwork } from '../../../src/xml/network.ts';
import { byHand, fixtures } from './fixture.ts';

describe('a network that libvirt wrote', () => {
  it.each(fixtures('network'))('is read without a check as it is read with one, and written back: %s', (_name, xml) => {
    expect(byHand(parseWrittenNetwork(xml))).toEqual(byHand(parseNetwork(xml)));
    expect(buildNetwork(parseWrittenNetwork(xml))).toBe(buildNetwork(parseNetwork(xml)));
  });

  it('is checked where it has what only the strict reader treats correctly', () => {
    const xml =
      '<network><metadata><a:b xmlns:a="urn:a"><constructor/><!-- < --></a:b></metadata><name>n</name></network>';
    expect(parseWrittenNetwork(xml).name).toBe('n');
    expect(buildNetwork(parseWrittenNetwork(xml))).toBe(buildNetwork(parseNetwork(xml)));
  });
});
