import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { configFormats, formatOf, problemsOf, readConfig } from '../../../src/config/config.ts';

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...['\n', '\n', '\n', ' ', '\t', '\\', '\\\n', '"', "'", '=', '#', ';', '[', ']', ':', '- ', '&a ', '*a', '{', '}'],
    ...[
      'auto',
      'iface',
      'br0',
      'inet',
      'static',
      'address',
      'source',
      'inherits',
      'mapping',
      'bridge_ports',
      'template',
    ],
    ...[
      'DEVICE',
      'IPADDR',
      'NETMASK',
      'BRIDGE',
      'export ',
      '[Match]',
      '[Network]',
      '[connection]',
      '[ipv4]',
      'Name',
      'VLAN',
    ],
    ...[
      'network:',
      '  bridges:',
      '    interfaces',
      '192.168.2.1/24',
      '255.0.255.0',
      '10',
      '4095',
      '\0',
      '\uFEFF',
      '\u201c',
    ],
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((each) => each.join('')),
  );

  it.each(configFormats)('is read as %s without an exception, and each problem is in a line that it has', (format) => {
    fc.assert(
      fc.property(text, (any) => {
        const count = any.split('\n').length;
        for (const { line, message, remedy } of problemsOf(readConfig({ path: '/x', text: any }, format))) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(count);
          expect(message.length * remedy.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the format of a file', () => {
  it.each([
    ['/etc/network/interfaces', '', 'ifupdown'],
    ['/mnt/etc/network/interfaces.d/vlans', '', 'ifupdown'],
    ['ifcfg-br0', '', 'ifcfg'],
    ['/etc/NetworkManager/system-connections/Wired 1', '', 'networkmanager'],
    ['x.nmconnection', '', 'networkmanager'],
    ['10-br0.netdev', '', 'networkd'],
    ['/etc/systemd/network/10-br0.network.d/dns.conf', '', 'networkd'],
    ['50-cloud-init.yaml', '', 'netplan'],
    ['draft', 'auto lo\niface lo inet loopback\n', 'ifupdown'],
    ['draft', '# mine\nDEVICE=br0\n', 'ifcfg'],
    ['draft', '[NetDev]\nName=br0\n', 'networkd'],
    ['draft', '[connection]\nid=br0\n', 'networkmanager'],
    ['draft', 'network:\n  version: 2\n', 'netplan'],
    ['draft', 'hello\n', undefined],
  ])('%s, which has %j, is %s', (path, content, format) => {
    expect(formatOf({ path, text: content })).toBe(format);
  });
});
