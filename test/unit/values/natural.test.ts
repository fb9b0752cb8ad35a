import { expect, it } from '@jest/globals';
import { naturalOrder } from '../../../src/values/natural.ts';
import { suggestion } from '../../../src/values/nearest.ts';
import { quoted } from '../../../src/values/quoted.ts';

it('sorts names as people count', () => {
  const names = ['net100', 'net2', 'Net3', 'net10', 'net1', 'a', 'eth0.20', 'eth0.3'];
  expect(names.sort(naturalOrder)).toEqual(['a', 'eth0.3', 'eth0.20', 'net1', 'net2', 'Net3', 'net10', 'net100']);
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
