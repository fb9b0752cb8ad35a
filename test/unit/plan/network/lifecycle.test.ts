import { describe, expect, it } from '@jest/globals';
import {
  planNetworkAutostart,
  planNetworkDelete,
  planNetworkStart,
  planNetworkStop,
} from '../../../../src/plan/network/lifecycle.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';
import { uuid, defaultUuid, bridged, nic, domain, thrown } from './domains.ts';

describe('starting networks', () => {
  it('starts the inactive networks, each once', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork, { active: false }), networkState(bridged)] });
    const plan = planNetworkStart(['default', 'lan', defaultUuid], state);
    expect(plan.title).toBe('start networks default, lan');
    expect(plan.steps.map(({ title }) => title)).toEqual(['start network default']);
    expect(plan.steps[0]?.verify).toMatchObject({ bridge: { name: 'virbr0', addresses: ['192.168.122.1/24'] } });
  });

  it('reports what blocks it', () => {
    const host = hostWith([link('virbr0', { kind: 'bridge' })]);
    const state = stateWith({ networks: [networkState(defaultNetwork, { active: false })], host });
    expect(planNetworkStart(['default'], state).warnings).toEqual([
      'bridge name virbr0 is taken by a device of the host (bridge)',
    ]);
  });

  it('reports that an active network has lost its bridge', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork)] });
    const plan = planNetworkStart(['default'], state);
    const said = [expect.stringContaining('its bridge virbr0 is gone; kvmnet net heal default repairs it')];
    expect(plan).toMatchObject({ steps: [], warnings: said, findings: said });
  });
});

describe('stopping and deleting networks', () => {
  const mac = (last: number): string => `52:54:00:00:00:0${last}`;
  const state = stateWith({
    networks: [networkState(defaultNetwork), networkState(bridged)],
    domains: [
      domainState(
        domain('VM1', nic(mac(1), "network='default'"), nic(mac(2), "network='lan'")),
        domain(
          'VM1',
          nic(mac(1), "network='default' bridge='virbr0'", 'vnet0'),
          nic(mac(2), "network='lan' bridge='br0'", 'vnet1'),
        ),
      ),
      domainState(domain('VM2'), domain('VM2', nic(mac(3), "bridge='virbr0'", 'vnet2'))),
      domainState(domain('VM3', nic(mac(4), "network='default'"))),
      domainState(domain('VM4', nic(mac(5), "network='other'"))),
    ],
    host: hostWith([
      link('virbr0', { kind: 'bridge' }),
      link('virbr0-nic', { kind: 'tun', master: 'virbr0' }),
      link('vnet0', { kind: 'tun', master: 'virbr0' }),
      link('vnet2', { kind: 'tun', master: 'virbr0' }),
      link('veth7', { kind: 'veth', master: 'virbr0' }),
      link('br0', { kind: 'bridge' }),
    ]),
  });
  const cutOff = [
    `stopping network default cuts off VM1: NIC ${mac(1)} (vnet0)`,
    `stopping network default cuts off VM2: NIC ${mac(3)} (vnet2)`,
    'stopping network default cuts off veth7, a port of virbr0',
  ];

  it('asks about every running NIC that loses its bridge, by whatever name it is attached', () => {
    const plan = planNetworkStop(['default'], state);
    expect(plan.consent).toEqual(cutOff);
    expect(plan.steps).toEqual([
      {
        title: 'stop network default',
        do: { call: 'networkDestroy', network: defaultUuid },
        undo: [{ call: 'networkStart', network: defaultUuid }],
        verify: { expect: 'network', network: defaultUuid, active: false },
      },
    ]);
  });

  it('does not ask for guests of a host bridge, which stay connected', () => {
    expect(planNetworkStop(['lan'], state)).toMatchObject({
      consent: [],
      warnings: [`VM1: NIC ${mac(2)} (vnet1) stays connected: network lan has no bridge of its own`],
    });
  });

  it('has nothing to do where the network is stopped', () => {
    const stopped = stateWith({ networks: [networkState(defaultNetwork, { active: false })] });
    expect(planNetworkStop(['default'], stopped)).toMatchObject({ steps: [], consent: [] });
  });

  it('deletes in the order stop, undefine, and comes back in the other', () => {
    const plan = planNetworkDelete(['default'], state);
    expect(plan.steps.map(({ title, undo }) => [title, ...undo.map(({ call }) => call)])).toEqual([
      ['stop network default', 'networkStart'],
      ['undefine network default', 'networkDefine', 'networkSetAutostart'],
    ]);
    expect(plan.steps[1]).toMatchObject({
      undo: [{ xml: defaultNetwork }, { autostart: true }],
      verify: { defined: false },
    });
  });

  it('asks before deleting for domains that could not start any more', () => {
    expect(planNetworkDelete(['default'], state).consent).toEqual([
      ...cutOff,
      `VM1 will not start again without network default: ${mac(1)} is defined in it`,
      `VM3 (shut off) will not start without network default: ${mac(4)} is defined in it`,
    ]);
  });

  it('brings a transient network back from its live definition', () => {
    const transient = networkState(defaultNetwork, { persistent: false, inactive: undefined, inactiveXml: undefined });
    expect(planNetworkDelete(['default'], stateWith({ networks: [transient] })).steps).toEqual([
      {
        title: 'stop network default',
        do: { call: 'networkDestroy', network: defaultUuid },
        undo: [{ call: 'networkCreate', xml: defaultNetwork }],
        verify: { expect: 'network', network: defaultUuid, defined: false },
      },
    ]);
  });
});

describe('autostart', () => {
  it('is enabled and disabled only if it differs', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork), networkState(bridged, { autostart: false })] });
    expect(planNetworkAutostart(['default', 'lan'], true, state).steps.map(({ title }) => title)).toEqual([
      'enable autostart of network lan',
    ]);
    expect(planNetworkAutostart(['default'], false, state).steps).toMatchObject([
      { do: { autostart: false }, undo: [{ autostart: true }] },
    ]);
  });

  it('is refused for a transient network', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork, { persistent: false, autostart: false })] });
    expect(thrown(() => planNetworkAutostart(['default'], true, state))).toMatchObject({ code: 'CONFLICT' });
  });

  it('of two networks with one subnet is reported, since libvirt leaves one of them inactive', () => {
    const twin = defaultNetwork
      .replace('default', 'twin')
      .replace('virbr0', 'virbr1')
      .replace(defaultUuid, uuid)
      .replace('0a:cd', '0a:ce');
    const state = stateWith({
      networks: [networkState(defaultNetwork), networkState(twin, { autostart: false, active: false })],
    });
    expect(planNetworkAutostart(['twin'], true, state).warnings).toEqual([
      '192.168.122.0/24 overlaps network default (192.168.122.0/24)',
    ]);
  });
});
