import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearest, suggestion } from '../../../src/values/nearest.ts';

const names = ['default', 'keennet', 'brvlan-10', 'brvlan-20', 'br0', 'isolated'];

describe('the nearest names', () => {
  it.each([
    ['brvlan-11', ['brvlan-10', 'brvlan-20']],
    ['defualt', ['default']],
    ['DEFAULT', ['default']],
    ['keen', ['keennet']],
    ['br1', ['br0']],
    ['xyzzy', []],
    ['', []],
  ])('of %j are %j', (name, expected) => {
    expect(nearest(name, names)).toEqual(expected);
  });

  it('are three at most, the nearest first', () => {
    expect(nearest('net1', ['net1234', 'net12', 'net123', 'net2', 'net3'])).toEqual(['net2', 'net3', 'net12']);
  });

  it('have the name itself first when it is among them', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.string()), (name, others) => {
        expect(nearest(name, [...others, name])).toContain(name);
      }),
    );
  });

  it('make a hint, or else the hint is what lists them all', () => {
    expect(suggestion('br1', names, 'list them')).toBe('did you mean br0?');
    expect(suggestion('xyzzy', names, 'list them')).toBe('list them');
  });
});
