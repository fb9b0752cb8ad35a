import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../../src/errors.ts';
import { findNetwork } from '../../../../src/state/find-network.ts';
import {
  planNetworkAutostart,
  planNetworkDelete,
  planNetworkStart,
  planNetworkStop,
} from '../../../../src/plan/network/lifecycle.ts';
import { planNetworkCreate, planNetworkDefine } from '../../../../src/plan/network/create.ts';
import type { State } from '../../../../src/state/state.ts';
import { parseNetwork } from '../../../../src/xml/network.ts';
import { defaultNetwork, domainState, hostWith, ipv4, link, networkState, stateWith } from '../state.ts';

const uuid = 'a0f7a1a2-0000-4000-8000-00000000000a';
const defaultUuid = 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e';
const keennet = parseNetwork(`<network><name>keennet</name><forward mode='nat'/><bridge name='keenbr0'/>
  <ip address='192.168.132.1' netmask='255.255.255.0'/><ip family='ipv6' address='fd00:0::1' prefix='64'/></network>`);

const bridged =
  "<network><name>lan</name><uuid>b0f7a1a2-0000-4000-8000-00000000000b</uuid><forward mode='bridge'/><bridge name='br0'/></network>";

function nic(mac: string, source: string, target?: string): string {
  const type = source.startsWith('bridge') ? 'bridge' : 'network';
  const dev = target === undefined ? '' : `<target dev='${target}'/>`;
  return `<interface type='${type}'><mac address='${mac}'/><source ${source}/>${dev}</interface>`;
}

function domain(name: string, ...nics: readonly string[]): string {
  return `<domain type='kvm'><name>${name}</name><devices>${nics.join('')}</devices></domain>`;
}

function thrown(act: () => unknown): KvmnetError {
  try {
    act();
  } catch (error) {
    if (error instanceof KvmnetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('creating a network', () => {
  it('is define, autostart and start, each with its way back and what must then be true', () => {
    const plan = planNetworkCreate(keennet, stateWith(), { uuid, transient: false, start: true, autostart: true });
    expect(plan).toMatchObject({ title: 'create network keennet', warnings: [], consent: [] });
    expect(plan.steps).toEqual([
      {
        title: 'define network keennet',
        do: { call: 'networkDefine', xml: expect.stringContaining(`<uuid>${uuid}</uuid>`) },
        undo: [{ call: 'networkUndefine', network: uuid }],
        verify: { expect: 'network', network: uuid, defined: true },
      },
      {
        title: 'turn autostart of network keennet on',
        do: { call: 'networkSetAutostart', network: uuid, autostart: true },
        undo: [{ call: 'networkSetAutostart', network: uuid, autostart: false }],
        verify: { expect: 'network', network: uuid, autostart: true },
      },
      {
        title: 'start network keennet',
        do: { call: 'networkStart', network: uuid },
        undo: [{ call: 'networkDestroy', network: uuid }],
        verify: {
          expect: 'network',
          network: uuid,
          active: true,
          bridge: { name: 'keenbr0', addresses: ['192.168.132.1/24', 'fd00::1/64'] },
        },
      },
    ]);
  });

  it('leaves out autostart and start where they are not wanted', () => {
    const plan = planNetworkCreate(keennet, stateWith(), { uuid, transient: false, start: false, autostart: false });
    expect(plan.steps.map(({ title }) => title)).toEqual(['define network keennet']);
  });

  it('is one step for a transient network', () => {
    const plan = planNetworkCreate(keennet, stateWith(), { uuid, transient: true, start: true, autostart: false });
    expect(plan.steps).toMatchObject([
      { title: 'create transient network keennet', do: { call: 'networkCreate' }, undo: [{ call: 'networkDestroy' }] },
    ]);
  });

  it('expects no bridge where the host is out of sight, or libvirt makes none', () => {
    const life = { uuid, transient: false, start: true, autostart: false };
    const blind = planNetworkCreate(keennet, stateWith({ host: undefined }), life);
    expect(blind.steps[1]?.verify).toEqual({ expect: 'network', network: uuid, active: true });
    const lan = stateWith({ host: hostWith([link('br0', { kind: 'bridge' })]) });
    expect(planNetworkCreate(parseNetwork(bridged), lan, life).steps[1]?.verify).toEqual({
      expect: 'network',
      network: uuid,
      active: true,
    });
  });

  it('is refused the second time, naming the holder', () => {
    const there = stateWith({ networks: [networkState(defaultNetwork)] });
    const error = thrown(() =>
      planNetworkCreate(parseNetwork(defaultNetwork), there, { uuid, transient: false, start: true, autostart: true }),
    );
    expect(error.code).toBe('CONFLICT');
    expect(error.message).toContain('network default exists already with the same addresses, 192.168.122.0/24');
    expect(error.hint).toContain('kvmnet net show default');
  });
});

describe('defining a network', () => {
  const there = (given = {}): State =>
    stateWith({
      networks: [networkState(defaultNetwork, given)],
      host: hostWith([link('virbr0', { kind: 'bridge', addresses: [ipv4('192.168.122.1', 24)] })]),
    });
  const changed = parseNetwork(defaultNetwork.replace('.254', '.200'));

  it('is one step, which neither starts it nor turns autostart on', () => {
    const plan = planNetworkDefine(keennet, stateWith(), { uuid });
    expect(plan.steps).toMatchObject([
      { title: 'define network keennet', undo: [{ call: 'networkUndefine', network: uuid }] },
    ]);
  });

  it('keeps the UUID that the definition has', () => {
    const own = planNetworkDefine(parseNetwork(bridged), stateWith({ host: undefined }), { uuid });
    expect(own.steps[0]?.undo).toEqual([{ call: 'networkUndefine', network: 'b0f7a1a2-0000-4000-8000-00000000000b' }]);
  });

  it('anew goes back by the old definition, and says when it takes effect', () => {
    const plan = planNetworkDefine(changed, there(), { uuid });
    expect(plan.steps).toEqual([
      {
        title: 'redefine network default',
        do: { call: 'networkDefine', xml: expect.stringContaining('192.168.122.200') },
        undo: [{ call: 'networkDefine', xml: defaultNetwork }],
        verify: { expect: 'network', network: defaultUuid, defined: true },
      },
    ]);
    expect(plan.warnings).toEqual(['network default is active: the new definition takes effect when it starts next']);
    expect(planNetworkDefine(changed, there({ active: false }), { uuid }).warnings).toEqual(
      expect.not.arrayContaining([expect.stringContaining('is active')]),
    );
  });

  it('as it is already has no step', () => {
    expect(planNetworkDefine(parseNetwork(defaultNetwork), there(), { uuid }).steps).toEqual([]);
  });

  it('makes a transient network persistent, and undefines it on the way back', () => {
    const transient = there({ persistent: false, inactive: undefined, inactiveXml: undefined });
    expect(planNetworkDefine(parseNetwork(defaultNetwork), transient, { uuid }).steps).toMatchObject([
      { undo: [{ call: 'networkUndefine', network: defaultUuid }] },
    ]);
  });

  it('does not ask again about what the network has already', () => {
    const open = defaultNetwork.replaceAll('192.168.122.', '8.8.8.');
    const before = stateWith({ networks: [networkState(open)], host: undefined });
    expect(planNetworkDefine(parseNetwork(open.replace('.254', '.200')), before, { uuid }).consent).toEqual([]);
    expect(planNetworkDefine(parseNetwork(open), stateWith(), { uuid }).consent).toHaveLength(1);
  });

  it('under another name is refused, since libvirt does not rename', () => {
    const renamed = parseNetwork(defaultNetwork.replace('<name>default', '<name>other'));
    expect(thrown(() => planNetworkDefine(renamed, there(), { uuid })).message).toContain('cannot rename it to other');
  });

  it('without its UUID is refused with the UUID to put in', () => {
    const nameless = parseNetwork(defaultNetwork.replace(/<uuid>.*<\/uuid>/, ''));
    expect(thrown(() => planNetworkDefine(nameless, there(), { uuid })).hint).toContain(`<uuid>${defaultUuid}</uuid>`);
  });
});

describe('starting networks', () => {
  it('starts those that are not active, each once', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork, { active: false }), networkState(bridged)] });
    const plan = planNetworkStart(['default', 'lan', defaultUuid], state);
    expect(plan.title).toBe('start networks default, lan');
    expect(plan.steps.map(({ title }) => title)).toEqual(['start network default']);
    expect(plan.steps[0]?.verify).toMatchObject({ bridge: { name: 'virbr0', addresses: ['192.168.122.1/24'] } });
  });

  it('says what is in the way of it', () => {
    const host = hostWith([link('virbr0', { kind: 'bridge' })]);
    const state = stateWith({ networks: [networkState(defaultNetwork, { active: false })], host });
    expect(planNetworkStart(['default'], state).warnings).toEqual([
      'bridge name virbr0 is taken by a device of the host (bridge)',
    ]);
  });

  it('says that an active network has lost its bridge', () => {
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

  it('asks for every running NIC that loses its bridge, by whatever name it is plugged in', () => {
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
  it('is turned on and off only where it is not so already', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork), networkState(bridged, { autostart: false })] });
    expect(planNetworkAutostart(['default', 'lan'], true, state).steps.map(({ title }) => title)).toEqual([
      'turn autostart of network lan on',
    ]);
    expect(planNetworkAutostart(['default'], false, state).steps).toMatchObject([
      { do: { autostart: false }, undo: [{ autostart: true }] },
    ]);
  });

  it('is refused for a transient network', () => {
    const state = stateWith({ networks: [networkState(defaultNetwork, { persistent: false, autostart: false })] });
    expect(thrown(() => planNetworkAutostart(['default'], true, state))).toMatchObject({ code: 'CONFLICT' });
  });

  it('of two networks with one subnet is said, since libvirt leaves one of them down', () => {
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

describe('finding a network', () => {
  const trap = networkState(bridged.replace('<name>lan', `<name>${defaultUuid}`), { active: false });
  const state = stateWith({ networks: [networkState(defaultNetwork), networkState(bridged)] });

  it('goes by the exact name, then by UUID', () => {
    expect(findNetwork(state, 'lan').name).toBe('lan');
    expect(findNetwork(state, defaultUuid.toUpperCase()).name).toBe('default');
  });

  it('names the nearest where there is none', () => {
    expect(thrown(() => findNetwork(state, 'defualt'))).toMatchObject({
      code: 'NOTFOUND',
      message: 'no network defualt',
      hint: 'did you mean default?',
    });
    expect(thrown(() => findNetwork(state, 'xyzzy'))).toMatchObject({ hint: 'kvmnet net list shows all networks' });
    expect(thrown(() => findNetwork(state, 'Default')).code).toBe('NOTFOUND');
  });

  it("stops where one network's name is another's UUID", () => {
    expect(thrown(() => findNetwork({ networks: [...state.networks, trap] }, defaultUuid))).toMatchObject({
      code: 'AMBIGUOUS',
    });
  });
});
