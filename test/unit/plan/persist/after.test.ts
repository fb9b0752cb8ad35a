import { describe, expect, it } from '@jest/globals';
import { hostAfter } from '../../../../src/plan/host/after.ts';
import { commandsTo } from '../../../../src/plan/host/wanted.ts';
import type { WantedLinks } from '../../../../src/records/desired-link.ts';
import { hostWith, ipv4, link, route } from '../state.ts';
import { bridged, vlans } from './hosts.ts';

describe('a host after a change', () => {
  const eth0 = hostWith(
    [link('eth0', { mac: '52:54:00:00:00:09', addresses: [ipv4('10.0.0.2', 24)] })],
    [route('0.0.0.0/0', 'eth0', { gateway: '10.0.0.1' })],
  );
  const taken: WantedLinks = {
    br0: {
      ...{ kind: 'bridge', mac: '52:54:00:00:00:09', up: true, addresses: [ipv4('10.0.0.2', 24)] },
      bridge: { stp: false, forwardDelay: 0 },
      routes: [{ destination: '0.0.0.0/0', gateway: '10.0.0.1', table: 'main' }],
    },
    eth0: { master: 'br0', addresses: [], routes: [] },
  };

  it('is one in which nothing is left to do for that change', () => {
    expect(commandsTo(taken, hostAfter(taken, eth0))).toEqual([]);
    expect(commandsTo(taken, eth0)).not.toEqual([]);
  });

  it('has the routes where they went', () => {
    expect(hostAfter(taken, eth0).routes).toEqual([route('0.0.0.0/0', 'br0', { gateway: '10.0.0.1' })]);
  });

  it('has neither a bridge that goes nor its routes, and its ports are free', () => {
    const after = hostAfter({ br0: null }, bridged);
    expect(after.links.map(({ name, master }) => [name, master])).toEqual([
      ['lo', undefined],
      ['ens33', undefined],
    ]);
    expect(after.routes).toEqual([]);
  });

  it('has no VLAN device without its NIC', () => {
    const after = hostAfter({ eno16777736: null }, vlans);
    expect(after.links.map(({ name }) => name)).toEqual(['lo', 'brvlan-10', 'brvlan-20', 'vnet0']);
  });

  it('has a new VLAN device with the MAC of its NIC', () => {
    const wanted: WantedLinks = {
      'eth0.5': { kind: 'vlan', parent: 'eth0', vlan: { id: 5, protocol: '802.1Q' }, up: true },
    };
    expect(hostAfter(wanted, eth0).links.at(-1)).toMatchObject({
      name: 'eth0.5',
      mac: '52:54:00:00:00:09',
      parent: 'eth0',
    });
  });
});
