import { describe, expect, it } from '@jest/globals';
import { guestComparison, isolationOf, networkComparison, type Isolation } from '../../../src/topology/isolation.ts';
import { networkState } from '../plan/state.ts';
import { facts, networks, vlans } from './path/hosts.ts';

const rowsOf = ({ subjects, cells }: Isolation): readonly string[] =>
  subjects.map((from) => [from, ...cells.filter((cell) => cell.from === from).map(({ result }) => result)].join(' '));

describe('the matrix of who reaches whom', () => {
  const internal = networkState("<network><name>internal</name><bridge name='virbr9'/></network>");

  it('is the measured one between networks of all modes', () => {
    expect(
      rowsOf(isolationOf(networkComparison({ ...networks, networks: [...networks.networks, internal] }, facts))),
    ).toEqual([
      'nat0 self no yes yes yes no no no',
      'nat1 no self yes yes yes no no no',
      'route2 no no self yes yes no no no',
      'route3 no no yes self yes no no no',
      'open4 no no yes yes self no no no',
      'isolated5 no no one-way one-way no self no no',
      'isolated6 no no one-way one-way no no self no',
      'internal no no no no no no no self',
    ]);
  });

  it('is the same for their guests, and for the guests of VLANs', () => {
    expect(rowsOf(isolationOf(guestComparison(networks, facts)))[5]).toBe('VM5 no no one-way one-way no self no');
    expect(rowsOf(isolationOf(guestComparison(vlans, facts)))).toEqual([
      'VM1 self no no',
      'VM2 no self yes',
      'VM3 no yes self',
    ]);
  });

  it('has the reason for each cell', () => {
    const { cells } = isolationOf(networkComparison(networks, facts));
    expect(cells.find(({ from, to }) => from === 'nat0' && to === 'nat1')?.reason).toContain('rejected by nft table');
  });
});
