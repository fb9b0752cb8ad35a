import { describe, expect, it } from '@jest/globals';
import { lint } from '../../../src/doctor/lint/lint.ts';
import { readConfig } from '../../../src/config/config.ts';

/** As many as 1 MiB has room for: what took squares of it took minutes, and these tests have 30 seconds each. */
const many = 20_000;
const numbers = Array.from({ length: many }, (_, index) => index);
const address = (index: number): string => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;

const files: Readonly<Record<string, string>> = {
  'as many devices': numbers
    .map((index) => `auto e${index}\niface e${index} inet static\n  address ${address(index)}/8\n`)
    .join(''),
  'one device again and again': 'iface a inet manual\n'.repeat(many),
  'one address again and again': numbers
    .map((index) => `auto e${index}\niface e${index} inet static\n  address 10.0.0.1/8\n`)
    .join(''),
  'names without stanzas': `auto ${numbers.map((index) => `e${index}`).join(' ')}\n`,
  'misspelled names': `auto ${numbers.map((index) => `ex${index}`).join(' ')}\n${numbers.map((index) => `iface ey${index} inet manual\n`).join('')}`,
  'a chain of templates': numbers.map((index) => `iface e${index + 1} inet manual inherits e${index}\n`).join(''),
  'templates that inherit from each other': 'iface a inet manual inherits a\n'.repeat(many),
  'a port of every bridge': numbers.map((index) => `iface b${index} inet manual\n  bridge_ports eth0\n`).join(''),
  'one VLAN again and again': numbers
    .map((index) => `iface v${index} inet manual\n  vlan-raw-device eth0\n  vlan-id 5\n  mtu 9000\n`)
    .join(''),
};

describe('a file of ifupdown that is designed to be slow', () => {
  it.each(Object.entries(files))('of %s is read in time, and reported within limits', (_, text) => {
    const findings = lint([readConfig({ path: '/etc/network/interfaces', text }, 'ifupdown')]);
    expect(findings.length).toBeLessThan(1000);
  });

  it('has the number of the findings that are not listed one by one', () => {
    const text = files['names without stanzas'] ?? '';
    const findings = lint([readConfig({ path: '/etc/network/interfaces', text }, 'ifupdown')]);
    expect(findings).toHaveLength(101);
    expect(findings.at(-1)).toMatchObject({ code: 'auto-without-stanza', message: '19900 more findings of this kind' });
  });
});
