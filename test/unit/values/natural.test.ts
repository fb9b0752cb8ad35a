import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { naturalOrder } from '../../../src/values/natural.ts';
import { suggestion } from '../../../src/values/nearest.ts';
import { quoted } from '../../../src/values/quoted.ts';

it('sorts names as people count', () => {
  const names = ['net100', 'net2', 'Net3', 'net10', 'net1', 'a', 'eth0.20', 'eth0.3'];
  expect(names.sort(naturalOrder)).toEqual(['a', 'eth0.3', 'eth0.20', 'net1', 'net2', 'Net3', 'net10', 'net100']);
});

it('orders names as the collator of English does, of simple and of other characters', () => {
  const collator = new Intl.Collator('en', { numeric: true });
  const few = fc.string({ unit: fc.constantFrom(...Array.from('_-.0019abAB')), maxLength: 8 });
  const many = fc.string({
    unit: fc.constantFrom(...Array.from('_-.0123456789abzABZ ü/'), '1234567890123456'),
    maxLength: 6,
  });
  const pairs = fc.oneof(fc.tuple(few, few), fc.tuple(many, many));
  const check = fc.property(pairs, ([left, right]) => {
    expect(Math.sign(naturalOrder(left, right))).toBe(collator.compare(left, right));
  });
  fc.assert(check, { numRuns: 5000 });
});

it('quotes what a shell would take apart, and nothing else', () => {
  expect(['keennet', 'my net', "it's", '$(id)', '', 'eth0.10', '52:54:00:00:00:01', 'büro'].map(quoted)).toEqual([
    'keennet',
    "'my net'",
    `'it'\\''s'`,
    "'$(id)'",
    "''",
    'eth0.10',
    '52:54:00:00:00:01',
    "'büro'",
  ]);
});

it('quotes suggested names', () => {
  expect(suggestion('my nett', ['my net', 'other'], 'none')).toBe("did you mean 'my net'?");
});
