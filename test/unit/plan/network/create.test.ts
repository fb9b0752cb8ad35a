import { describe, expect, it } from '@jest/globals';
import { planNetworkCreate, planNetworkDefine } from '../../../../src/plan/network/create.ts';
import type { State } from '../../../../src/state/state.ts';
import { parseNetwork } from '../../../../src/xml/network.ts';
import { defaultNetwork, hostWith, ipv4, link, networkState, stateWith } from '../state.ts';
import { uuid, defaultUuid, keennet, bridged, thrown } from './domains.ts';

describe('creating a network', () => {
  it('has the steps define, autostart and start, each with its undo and its expected result', () => {
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
        title: 'enable autostart of network keennet',
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
    expect(error.message).toContain('network default already exists with the same addresses, 192.168.122.0/24');
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

  it('is one step, which neither starts it nor enables autostart', () => {
    const plan = planNetworkDefine(keennet, stateWith(), { uuid });
    expect(plan.steps).toMatchObject([
      { title: 'define network keennet', undo: [{ call: 'networkUndefine', network: uuid }] },
    ]);
  });

  it('keeps the UUID that the definition has', () => {
    const own = planNetworkDefine(parseNetwork(bridged), stateWith({ host: undefined }), { uuid });
    expect(own.steps[0]?.undo).toEqual([{ call: 'networkUndefine', network: 'b0f7a1a2-0000-4000-8000-00000000000b' }]);
  });

  it('again is undone by the old definition, and reports when it takes effect', () => {
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

  it('makes a transient network persistent, and undo makes it transient', () => {
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
    expect(thrown(() => planNetworkDefine(renamed, there(), { uuid })).message).toContain('cannot rename to other');
  });

  it('without its UUID is refused with the UUID to put in', () => {
    const nameless = parseNetwork(defaultNetwork.replace(/<uuid>.*<\/uuid>/, ''));
    expect(thrown(() => planNetworkDefine(nameless, there(), { uuid })).hint).toContain(`<uuid>${defaultUuid}</uuid>`);
  });
});
