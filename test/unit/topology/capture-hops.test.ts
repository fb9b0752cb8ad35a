import { describe, expect, it } from '@jest/globals';
import { captureHops, type CaptureHops } from '../../../src/topology/capture-hops.ts';
import { facts, mac, networks, vlans } from './path/hosts.ts';

const namesOf = ({ devices }: CaptureHops): readonly string[] => devices.map(({ name }) => name);

describe('the hops of a capture', () => {
  it('are the devices from a guest to the cable', () => {
    const hops = captureHops({ from: 'VM1', to: '192.168.100.40' }, vlans, facts);
    const { devices, ends } = hops;
    expect(devices.map(({ level }) => level)).toEqual([0, 3, 2, 0]);
    expect(namesOf(hops)).toEqual(['vnet0', 'brvlan-10', 'eno1.10', 'eno1']);
    expect(ends[0]?.macs).toEqual([mac(1)]);
    expect(ends[1]).toEqual({ addresses: ['192.168.100.40'], macs: [] });
  });

  it('are in the order of the way from the cable to a guest', () => {
    expect(namesOf(captureHops({ from: '192.168.100.40', to: 'VM1' }, vlans, facts))).toEqual([
      'eno1',
      'eno1.10',
      'brvlan-10',
      'vnet0',
    ]);
  });

  it('are also those around the other end, where no way leads to it', () => {
    expect(namesOf(captureHops({ from: 'VM1', to: 'VM2' }, vlans, facts))).toEqual([
      'vnet0',
      'brvlan-10',
      'eno1.10',
      'eno1',
      'eno1.20',
      'brvlan-20',
      'vnet1',
    ]);
  });

  it('have one end that may be anything where only one is named', () => {
    expect(captureHops({ from: 'VM1' }, vlans, facts).ends).toHaveLength(1);
    expect(captureHops({ from: 'outside', to: 'VM1' }, vlans, facts).ends[0]).toEqual({ addresses: [], macs: [] });
  });

  it('are refused for an unknown end', () => {
    expect(() => captureHops({ from: 'VM9' }, networks, facts)).toThrow('VM9');
  });
});
