import { describe, expect, it } from '@jest/globals';
import { host, create, refusal, nat } from './net-create.ts';
import type { TypedNetwork } from './typed-options.ts';

describe('net create accepts', () => {
  it.each(['1e3', '007', '0x1F', 'true', 'no', 'null', 'constructor', 'x'.repeat(64)])(
    'the name %s, byte for byte',
    (name) => {
      expect(create(name, { nat })).toMatchObject({ title: `create network ${name}` });
    },
  );

  it.each<[TypedNetwork, RegExp]>([
    [{ nat: '8.8.8.0/24' }, /8\.8\.8\.0\/24 are public addresses/],
    [{ nat, mtu: '1000' }, /MTU 1000 is below 1280/],
    [{ nat, ipv6: '2001:470:1::/64' }, /2001:470:1::\/64 are public addresses/],
  ])('%j after asking', (options, question) => {
    expect(create('mynet', options)).toMatchObject({ consent: [expect.stringMatching(question)] });
  });

  it('public IPv6 addresses that are routed, without a question', () => {
    expect(create('mynet', { route: '2001:470:1::/64' })).toMatchObject({ consent: [], warnings: [] });
  });

  it('a name that differs from another in upper and lower case only, with a warning', () => {
    expect(create('Default', { nat })).toMatchObject({
      warnings: [expect.stringContaining('differs from network default')],
    });
  });

  it("a bridge network on another network's bridge, with a warning", () => {
    expect(create('mynet', { bridge: 'virbr0' })).toMatchObject({
      warnings: [expect.stringContaining("network default's own")],
    });
  });

  it('anything about links and routes where the host is out of sight', () => {
    const blind = { ...host, host: undefined };
    expect(create('mynet', { bridge: 'brvlan-11' }, blind)).toMatchObject({ warnings: [] });
    expect(create('mynet', { nat: '192.168.2.0/24', dev: 'nope9' }, blind)).toMatchObject({ warnings: [] });
  });
});

describe('the message of a refusal', () => {
  it('lists all conflicts, one a line, with the code of the first', () => {
    const error = refusal(() => create('default', { nat: '192.168.0.0/16', bridgeName: 'eth0' }));
    expect(error.code).toBe('CONFLICT');
    expect(error.message.split('\n')).toEqual([
      '6 errors:',
      '  network default already exists',
      '  bridge name eth0 is taken by a device of the host (NIC)',
      '  192.168.0.0/16 overlaps network default (192.168.122.0/24)',
      '  192.168.0.0/16 overlaps network other (192.168.44.0/22)',
      '  192.168.0.0/16 overlaps address 192.168.2.132/24 of eth0',
      '  192.168.0.0/16 overlaps address 192.168.9.1/24 of eth1 (down)',
    ]);
  });

  it('names the nearest bridge and the subnet that was meant', () => {
    expect(refusal(() => create('mynet', { bridge: 'brvlan-11' })).hint).toBe('did you mean brvlan-10?');
    expect(refusal(() => create('mynet', { nat: '192.168.132.7/24' })).hint).toBe(
      '--nat 192.168.132.0/24 --gateway 192.168.132.7',
    );
    expect(refusal(() => create('mynet', { nat: '010.010.1.0/24' })).hint).toBe('write 10.10.1.0');
    expect(refusal(() => create('mynet', { nat, mac: '52:54:0:0:0:1' })).hint).toBe('write 52:54:00:00:00:01');
  });

  it('does not repeat a long value whole', () => {
    expect(refusal(() => create('x'.repeat(300), { nat })).message.length).toBeLessThan(200);
  });
});
