import { expect, it } from '@jest/globals';
import { parseNeighbors } from '../../../../src/host/links/neighbors.ts';

const entry = (seen: object, state = 'STALE') => ({
  ...{ dst: '192.168.122.7', dev: 'virbr0', lladdr: '52:54:00:00:00:01', state: [state] },
  ...seen,
});
const seenOf = (found: object): number | undefined => parseNeighbors(JSON.stringify([found]))[0]?.seen;

it('has the age of what the kernel has confirmed', () => {
  expect(seenOf(entry({ used: 40, confirmed: 12, updated: 12 }, 'REACHABLE'))).toBe(12);
  expect(seenOf(entry({ used: 300, confirmed: 290, updated: 260 }))).toBe(290);
});

it('has no age for a new entry, which the kernel begins with a confirmation a minute ago', () => {
  expect(seenOf(entry({ used: 63, confirmed: 63, updated: 3 }))).toBeUndefined();
  expect(seenOf(entry({ used: 64, confirmed: 64, updated: 3 }))).toBeUndefined();
});
