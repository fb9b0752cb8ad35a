import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkNetwork } from '../../../src/plan/network/check/network.ts';
import { networkFromOptions } from '../../../src/plan/network/from-options.ts';
import { planNetworkCreate } from '../../../src/plan/network/create.ts';
import { addressesOf } from '../../../src/state/network-address.ts';
import { formatIp, inRange, parseIp } from '../../../src/values/address.ts';
import { contains, formatSubnet, overlap, subnetOf, usable, type Subnet } from '../../../src/values/subnet.ts';
import type { State } from '../../../src/state/state.ts';
import { buildNetwork } from '../../../src/xml/build.ts';
import { sameNetwork } from '../../../src/xml/meaning.ts';
import { parseNetwork, type Network } from '../../../src/xml/network.ts';
import { networkValues, type TypedNetwork } from './typed-options.ts';
import { hostWith, link, networkState, route, stateWith } from './state.ts';

const uuid = 'a0f7a1a2-0000-4000-8000-00000000000a';

function make(typed: TypedNetwork, state: State = stateWith()): Network {
  const random = { mac: '52:54:00:aa:bb:cc', globalId: '0123456789' };
  return networkFromOptions({ name: 'mynet', options: networkValues(typed), base: undefined, state, random });
}

/** Private IPv4 subnets of every size that is allowed. */
const privateSubnet = fc
  .tuple(fc.constantFrom('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'), fc.bigInt(0n, 0xffffffn), fc.nat(22))
  .map(([block, offset, shorter]): Subnet => {
    const [address = '', length = ''] = block.split('/');
    const least = Number(length);
    const host = offset % (1n << BigInt(32 - least));
    return subnetOf({ family: 'ipv4', value: parseIp(address, 'block').value + host }, Math.max(least, 30 - shorter));
  });

const kind = fc.constantFrom('nat', 'route', 'open', 'isolated');

const anyRoute = fc
  .tuple(privateSubnet, fc.constantFrom('main', '100'))
  .map(([subnet, table]) => route(formatSubnet(subnet), 'eth0', { table }));

describe('a network made from options', () => {
  it('passes every check on an empty host, whatever its private subnet', () => {
    fc.assert(
      fc.property(kind, privateSubnet, (name, subnet) => {
        expect(checkNetwork(make({ [name]: formatSubnet(subnet) }), stateWith())).toEqual([]);
      }),
    );
  });

  it('is refused if an equal one exists, also under another name', () => {
    fc.assert(
      fc.property(kind, privateSubnet, (name, subnet) => {
        const network = make({ [name]: formatSubnet(subnet) });
        const twin = networkState(
          buildNetwork({ ...network, name: 'twin', uuid, bridge: { name: 'twinbr0' }, mac: undefined }),
        );
        const errors = checkNetwork(network, stateWith({ networks: [twin] }));
        expect(errors).toMatchObject([{ severity: 'error', code: 'CONFLICT', path: 'ip[0].address' }]);
      }),
    );
  });

  it('is refused exactly where it overlaps a route', () => {
    fc.assert(
      fc.property(privateSubnet, privateSubnet, (subnet, other) => {
        const state = stateWith({ host: hostWith([], [route(formatSubnet(other), 'eth0')]) });
        const found = checkNetwork(make({ nat: formatSubnet(subnet) }), state);
        expect(found.length > 0).toBe(overlap(subnet, other));
      }),
    );
  });

  it('has DHCP ranges inside its subnet that leave out the gateway, and nothing else usable in a small subnet', () => {
    fc.assert(
      fc.property(privateSubnet, fc.bigInt(0n, 0xffffffn), (subnet, offset) => {
        const all = usable(subnet);
        const gateway = {
          family: 'ipv4',
          value: all.start.value + (offset % (all.end.value - all.start.value + 1n)),
        } as const;
        const network = make({ nat: formatSubnet(subnet), gateway: formatIp(gateway) });
        const ranges =
          network.ips[0]?.dhcp?.ranges.map(({ start, end }) => ({
            start: parseIp(start, ''),
            end: parseIp(end, ''),
          })) ?? [];
        expect(ranges.every(({ start, end }) => contains(subnet, start) && contains(subnet, end))).toBe(true);
        expect(ranges.some((range) => inRange(range, gateway))).toBe(false);
        const given = ranges.reduce((sum, { start, end }) => sum + end.value - start.value + 1n, 0n);
        if (subnet.prefix >= 16) expect(given).toBe(all.end.value - all.start.value);
      }),
    );
  });

  it('by auto never overlaps a network or a route', () => {
    fc.assert(
      fc.property(fc.array(privateSubnet, { maxLength: 8 }), fc.array(anyRoute, { maxLength: 8 }), (taken, routes) => {
        const blocked = [...taken, ...routes.map(({ destination }) => addressSubnet(destination))];
        const ofTen = blocked
          .filter(({ first }) => first >> 24n === 10n)
          .map(({ prefix }) => 2n ** BigInt(32 - prefix));
        fc.pre(ofTen.reduce((sum, size) => sum + size, 0n) < 2n ** 24n);
        const networks = taken.map((subnet, index) =>
          networkState(
            `<network><name>n${index}</name><ip address='${formatIp(usable(subnet).start)}' prefix='${subnet.prefix}'/></network>`,
            { uuid: `00000000-0000-4000-8000-00000000000${index}`, active: index % 2 === 0 },
          ),
        );
        const state = stateWith({ networks, host: hostWith([link('eth0')], routes) });
        const chosen = addressesOf(make({ nat: 'auto' }, state))[0]?.subnet;
        expect(chosen?.prefix).toBe(24);
        expect(blocked.filter((subnet) => chosen !== undefined && overlap(subnet, chosen))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('is planned as XML that reads back equal', () => {
    fc.assert(
      fc.property(
        kind,
        privateSubnet,
        fc.boolean(),
        fc.integer({ min: 1280, max: 65535 }),
        (name, subnet, stp, mtu) => {
          const network = make({
            [name]: formatSubnet(subnet),
            ipv6: 'auto',
            stp,
            mtu: String(mtu),
            domain: 'keen.example',
          });
          const plan = planNetworkCreate(network, stateWith(), {
            uuid,
            transient: false,
            start: true,
            autostart: true,
          });
          const [first] = plan.steps;
          const xml = first?.do.call === 'networkDefine' ? first.do.xml : '';
          const read = parseNetwork(xml);
          expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify({ ...network, uuid })));
          expect(sameNetwork(read, network)).toBe(true);
        },
      ),
    );
  });
});

function addressSubnet(cidr: string): Subnet {
  const [address = '', prefix = ''] = cidr.split('/');
  return subnetOf(parseIp(address, 'route'), Number(prefix));
}
