import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { configure } from '../../../src/cli/command.ts';
import {
  addressOption,
  confirmOptions,
  parseConfirmOptions,
  ownAddress,
  persistOptions,
} from '../../../src/cli/host-options.ts';
import { flag, parsed, text, texts, typed, valuesIn } from '../../../src/cli/options.ts';
import { parseMtu } from '../../../src/values/number.ts';

const rows = {
  ports: texts('--port <NIC>', 'ports', 'port'),
  mtu: parsed('--mtu <N>', 'MTU', parseMtu),
  title: text('--title <T>', 'title'),
  filters: flag('--vlan-filtering', 'VLANs'),
  address: addressOption('address'),
  ...confirmOptions,
  ...persistOptions,
};

/** The values of these rows, as commander has read the words. */
function valuesOf(...words: readonly string[]) {
  const leaf = new Command().exitOverride().configureOutput({ outputError: () => undefined });
  const run = () => Promise.resolve({ value: undefined });
  configure(leaf, typed({ options: rows, examples: [['x', 'an example']], run }));
  leaf.parse([...words], { from: 'user' });
  return valuesIn(rows, leaf.opts());
}

const refused = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('an option of a command', () => {
  it('is a value of its own type, also where it is not typed', () => {
    expect(valuesOf()).toEqual({ ports: [], filters: false, confirm: true });
    expect(
      valuesOf(
        '--port',
        'a',
        '--port=b',
        '--mtu',
        '1400',
        '--title',
        '7',
        '--vlan-filtering',
        '--address',
        '10.0.0.1/24',
      ),
    ).toEqual({
      ...{ ports: ['a', 'b'], mtu: 1400, title: '7', filters: true, confirm: true },
      address: { family: 'ipv4', address: '10.0.0.1', prefix: 24, broadcast: '10.0.0.255' },
    });
  });

  it('is refused with its name before the command runs', () => {
    expect(() => valuesOf('--mtu', '12')).toThrow(refused('INPUT', '--mtu'));
    expect(() => valuesOf('--address', '10.0.0.0/24')).toThrow(refused('INPUT', 'is the address of the subnet itself'));
    expect(() => valuesOf('--confirm-within', '4')).toThrow(
      refused('INPUT', '--confirm-within "4" is not a number of seconds from 5 to 3600'),
    );
    expect(() => valuesOf('--persist', 'sysv')).toThrow(refused('INPUT', '"sysv" is not a manager'));
  });
});

describe('the confirmation of a change of links', () => {
  it.each<[words: readonly string[], wish: ReturnType<typeof parseConfirmOptions>]>([
    [[], { within: undefined, isOff: false }],
    [['--confirm-within', '90'], { within: 90, isOff: false }],
    [['--no-confirm'], { within: undefined, isOff: true }],
  ])('of %j', (words, wish) => {
    expect(parseConfirmOptions(valuesOf(...words))).toEqual(wish);
  });

  it('is not both wanted and not', () => {
    expect(() => parseConfirmOptions(valuesOf('--confirm-within', '90', '--no-confirm'))).toThrow(
      refused('USAGE', '--confirm-within and --no-confirm exclude each other'),
    );
  });
});

describe('--address dhcp', () => {
  it('is left to the manager that writes the files', () => {
    expect(ownAddress(valuesOf('--address', 'dhcp', '--persist'))).toEqual({ address: undefined, byManager: true });
    expect(valuesOf('--persist', 'netplan').persist).toEqual({ format: 'netplan' });
    expect(valuesOf('--persist', 'auto').persist).toEqual({ format: undefined });
  });

  it('is refused without one', () => {
    expect(() => ownAddress(valuesOf('--address', 'dhcp'))).toThrow(refused('INPUT', 'kvmnet runs no DHCP client'));
  });
});
