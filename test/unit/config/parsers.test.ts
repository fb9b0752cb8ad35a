import { describe, expect, it } from '@jest/globals';
import { parseIfcfg } from '../../../src/config/ifcfg/parse.ts';
import { parseIni } from '../../../src/config/ini.ts';
import { parseInterfaces } from '../../../src/config/ifupdown/parse.ts';
import { parseNetplan, valueAt } from '../../../src/config/netplan/parse.ts';

const lines = (...text: readonly string[]): string => text.join('\n');

describe('an ifcfg file', () => {
  const valuesOf = (text: string): readonly string[] => parseIfcfg(text).entries.map(({ value }) => value);

  it('gives each assignment with its line, without comments and quotes', () => {
    const text = lines('# bridge', '', 'DEVICE=br0', "NAME='my bridge'", 'ONBOOT="yes"   # at boot', 'export MTU=9000');
    expect(parseIfcfg(text)).toEqual({
      entries: [
        { key: 'DEVICE', value: 'br0', line: 3 },
        { key: 'NAME', value: 'my bridge', line: 4 },
        { key: 'ONBOOT', value: 'yes', line: 5 },
        { key: 'MTU', value: '9000', line: 6 },
      ],
      problems: [],
    });
  });

  it('is read by the rules of the shell', () => {
    expect(valuesOf(lines('A=a\\ b', 'B="a \\"b\\" \\c"', "C='a\\'", 'D="a"\'b\'c', 'E=', 'F=a#b'))).toEqual([
      'a b',
      'a "b" \\c',
      'a\\',
      'abc',
      '',
      'a#b',
    ]);
  });

  it('does not care for a byte order mark and the line ends of Windows', () => {
    expect(parseIfcfg('\uFEFFDEVICE=br0\r\nMTU=1500\r\n').entries).toEqual([
      { key: 'DEVICE', value: 'br0', line: 1 },
      { key: 'MTU', value: '1500', line: 2 },
    ]);
  });

  it.each([
    ['ONBOOT = yes', 'write ONBOOT=yes'],
    ['ONBOOT: yes', 'write ONBOOT=yes'],
    ['ONBOOT= yes', 'write ONBOOT=yes'],
    ['DOMAIN=a.org b.org', 'write DOMAIN="a.org b.org"'],
    ['NAME="my bridge', 'end the value with "'],
    ['hello', 'write KEY=VALUE, or # before a comment'],
  ])('with the line %s has a problem there, and its remedy is: %s', (line, remedy) => {
    const { problems } = parseIfcfg(lines('DEVICE=br0', line, 'MTU=1500'));
    expect(problems.map((problem) => ({ line: problem.line, remedy: problem.remedy }))).toEqual([{ line: 2, remedy }]);
  });
});

describe('/etc/network/interfaces', () => {
  it('has stanzas with options, classes, mappings and includes, each with its line', () => {
    const text = lines(
      'source /etc/network/interfaces.d/*',
      'auto lo br0',
      'allow-hotplug eth1',
      'iface br0 inet static',
      '    address 192.168.2.132/24',
      '    # the uplink',
      '    bridge_ports eth0 \\',
      '        eth1',
      '    up echo a  b',
      'iface br0 inet6 auto',
      'mapping wlan0',
      '    script /bin/true',
      'iface eth2 inherits uplink',
      'iface eth3 inet dhcp inherits uplink',
    );
    const stanza = { keyword: 'iface', inherits: undefined, options: [] };
    expect(parseInterfaces(text)).toEqual({
      includes: [{ keyword: 'source', pattern: '/etc/network/interfaces.d/*', line: 1 }],
      classes: [
        { keyword: 'auto', names: ['lo', 'br0'], line: 2 },
        { keyword: 'allow-hotplug', names: ['eth1'], line: 3 },
      ],
      ifaces: [
        {
          ...stanza,
          name: 'br0',
          family: 'inet',
          method: 'static',
          line: 4,
          options: [
            { key: 'address', value: '192.168.2.132/24', line: 5 },
            { key: 'bridge_ports', value: 'eth0         eth1', line: 7 },
            { key: 'up', value: 'echo a  b', line: 9 },
          ],
        },
        { ...stanza, name: 'br0', family: 'inet6', method: 'auto', line: 10 },
        { ...stanza, name: 'eth2', family: undefined, method: undefined, inherits: 'uplink', line: 13 },
        { ...stanza, name: 'eth3', family: 'inet', method: 'dhcp', inherits: 'uplink', line: 14 },
      ],
      mappings: [{ patterns: ['wlan0'], line: 11, options: [{ key: 'script', value: '/bin/true', line: 12 }] }],
      problems: [],
    });
  });

  it('does not join the line behind a comment that ends with a backslash', () => {
    expect(parseInterfaces(lines('# see \\', 'auto lo')).classes).toEqual([
      { keyword: 'auto', names: ['lo'], line: 2 },
    ]);
  });

  it('has a problem where an option belongs to no stanza', () => {
    const { problems } = parseInterfaces(lines('auto eth0', 'address 10.0.0.1', 'iface'));
    expect(problems.map(({ line }) => line)).toEqual([2, 3]);
  });
});

describe('sections', () => {
  it('may repeat, and so may keys', () => {
    const { sections, problems } = parseIni(lines('[Address]', 'Address=a', 'Address = b', '', '[Address]'), 'systemd');
    expect(sections).toEqual([
      {
        name: 'Address',
        line: 1,
        entries: [
          { key: 'Address', value: 'a', line: 2 },
          { key: 'Address', value: 'b', line: 3 },
        ],
      },
      { name: 'Address', line: 5, entries: [] },
    ]);
    expect(problems).toEqual([]);
  });

  it('of systemd join lines by a backslash, and have two marks of comments', () => {
    const text = lines('[Network]', 'DNS=a \\', '; between', '  b', 'NTP=c');
    expect(parseIni(text, 'systemd').sections[0]?.entries).toEqual([
      { key: 'DNS', value: 'a  b', line: 2 },
      { key: 'NTP', value: 'c', line: 5 },
    ]);
  });

  it('of a keyfile do neither', () => {
    const { sections, problems } = parseIni(lines('[connection]', 'id=a\\', '; no comment'), 'keyfile');
    expect(sections[0]?.entries).toEqual([{ key: 'id', value: 'a\\', line: 2 }]);
    expect(problems.map(({ line }) => line)).toEqual([3]);
  });

  it.each([
    ['[Match', 'write [Match]'],
    ['Name', 'write KEY=VALUE, or # before a comment'],
    ['=br0', 'write KEY=VALUE, or # before a comment'],
    ['Name=br0', 'write the line of its [Section] above it'],
  ])('do not begin with %s', (line, remedy) => {
    expect(parseIni(line, 'systemd').problems).toEqual([{ line: 1, message: expect.stringContaining(line), remedy }]);
  });
});

describe('a document of netplan', () => {
  it('keeps the lines of keys, and scalars as they were written', () => {
    const { root, problems } = parseNetplan(
      lines('network:', '  version: 2', '  vlans:', '    v: {id: 010, link: "eno1"}'),
    );
    expect(problems).toEqual([]);
    expect(valueAt(root, 'network', 'vlans', 'v')).toEqual({
      kind: 'map',
      line: 4,
      entries: [
        { key: 'id', line: 4, value: { kind: 'scalar', line: 4, text: '010' } },
        { key: 'link', line: 4, value: { kind: 'scalar', line: 4, text: 'eno1' } },
      ],
    });
    expect(valueAt(root, 'network', 'version')).toEqual({ kind: 'scalar', line: 2, text: '2' });
    expect(valueAt(root, 'network', 'version', 'x')).toBeUndefined();
  });

  it.each([
    ['a tab', lines('network:', '\tversion: 2'), 2, 'indent with spaces: YAML does not allow tabs'],
    ['a wrong indent', lines('network:', '    a: 1', '  b: 2'), 3, expect.stringContaining('indent')],
  ])('with %s is not YAML, from that line', (_what, text, line, remedy) => {
    const { root, problems } = parseNetplan(text);
    expect(root).toBeUndefined();
    expect(problems[0]).toMatchObject({ line, remedy });
  });

  it('merges a duplicate key as netplan does, and has its lines', () => {
    const { root, repeated } = parseNetplan(
      lines('network:', '  a: {x: 1}', '  l: [1]', '  s: 1', '  a: {y: 2}', '  l: [2]', '  s: 2'),
    );
    const scalar = (line: number, text: string) => ({ kind: 'scalar', line, text });
    expect(valueAt(root, 'network', 'a', 'x')).toEqual(scalar(2, '1'));
    expect(valueAt(root, 'network', 'a', 'y')).toEqual(scalar(5, '2'));
    expect(valueAt(root, 'network', 'l')).toMatchObject({ items: [scalar(3, '1'), scalar(6, '2')] });
    expect(valueAt(root, 'network', 's')).toEqual(scalar(7, '2'));
    expect(repeated).toEqual([
      { key: 'a', line: 5, first: 2 },
      { key: 'l', line: 6, first: 3 },
      { key: 's', line: 7, first: 4 },
    ]);
  });

  it('follows aliases, and ends where they would not', () => {
    const rows = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [name, before] of ['b a', 'c b', 'd c', 'e d', 'f e', 'g f'].map((pair) => pair.split(' '))) {
      rows.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
    }
    expect(valueAt(parseNetplan(rows.slice(0, 2).join('\n')).root, 'b')).toMatchObject({ kind: 'list', line: 2 });
    const { problems } = parseNetplan(rows.join('\n'));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/too many values/);
  });
});
