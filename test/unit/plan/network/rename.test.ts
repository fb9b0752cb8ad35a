import { describe, expect, it } from '@jest/globals';
import { planNetworkRename } from '../../../../src/plan/network/rename.ts';
import type { RestartPlan } from '../../../../src/plan/network/restart.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import type { SavedState } from '../../../../src/state/saved.ts';
import type { State } from '../../../../src/state/state.ts';
import { parseInterface } from '../../../../src/xml/interface.ts';
import { parseNetwork } from '../../../../src/xml/network.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const uuid = 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e';
const refuge = 'abcdef12-0000-4000-8000-0000000000ff';
const mac = '52:54:00:00:00:01';

const nic = (source: string, more = ''): string =>
  `<interface type='${source.startsWith('bridge') ? 'bridge' : 'network'}'><mac address='${mac}'/><source ${source}/>${more}<model type='virtio'/></interface>`;

const domain = (nics: string, name = 'vm1'): string =>
  `<domain type='kvm'><name>${name}</name><uuid>11111111-1111-4111-8111-111111111112</uuid><devices>${nics}</devices></domain>`;

const live = nic(
  "network='default' portgroup='p' portid='5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a01' bridge='virbr0'",
  "<target dev='vnet0'/>",
);
const running = domainState(domain(nic("network='default' portgroup='p'")), domain(live));

function state(given: Partial<State> = {}): State {
  return stateWith({
    networks: [networkState(defaultNetwork)],
    domains: [running],
    host: hostWith([link('virbr0', { kind: 'bridge' }), link('vnet0', { kind: 'tun', master: 'virbr0' })]),
    ...given,
  });
}

function rename(given: Partial<State> = {}, to = 'lab', saved: readonly SavedState[] = []): RestartPlan {
  const host = state(given);
  return planNetworkRename({ network: host.networks[0]!, to, saved, uuid: refuge }, host);
}

const calls = ({ steps }: RestartPlan): readonly string[] => steps.map(({ do: action }) => action.call);

describe('net rename', () => {
  it('changes configurations before any guest is cut off, and the definition while guests wait', () => {
    expect(calls(rename())).toEqual([
      'domainUpdateDevice',
      'networkCreate',
      'domainUpdateDevice',
      'networkDestroy',
      'networkUndefineKeepingLeases',
      'networkDefine',
      'networkSetAutostart',
      'networkStart',
      'domainUpdateDevice',
      'networkDestroy',
    ]);
    expect(rename().consent).toEqual([`renaming network default cuts off vm1: NIC ${mac} (vnet0) for about 5 s`]);
  });

  it("updates the network's name in NICs, in both scopes, and keeps their portgroup", () => {
    const sent = rename().steps.flatMap(({ do: action }) =>
      action.call === 'domainUpdateDevice' ? [{ ...action, nic: parseInterface(action.xml) }] : [],
    );
    expect(sent.map(({ live, config, nic: { source } }) => [live, config, source?.network, source?.portgroup])).toEqual(
      [
        [false, true, 'lab', 'p'],
        [true, false, 'kvmnet-refuge', undefined],
        [true, false, 'lab', 'p'],
      ],
    );
  });

  it('defines a network with all settings of the old one, and undefines that under another bridge, so that its leases stay', () => {
    const { steps } = rename();
    const definitions = steps.flatMap(({ do: action }) =>
      action.call === 'networkDefine' || action.call === 'networkUndefineKeepingLeases' ? [action.xml] : [],
    );
    expect(definitions.map((xml) => parseNetwork(xml).bridge?.name)).toEqual(['virbr1', 'virbr0']);
    expect(parseNetwork(definitions[1] ?? '')).toMatchObject({
      ...JSON.parse(JSON.stringify(parseNetwork(defaultNetwork))),
      name: 'lab',
    });
    expect(steps.find(({ do: { call } }) => call === 'networkDefine')?.undo).toMatchObject([
      { call: 'networkUndefineKeepingLeases', xml: expect.stringContaining('name="virbr1"') },
    ]);
  });

  it('finds out what is done by the names, because the UUID stays', () => {
    const looked = rename().steps.flatMap(({ do: { call }, verify }) =>
      verify.expect === 'network' ? [[call, verify.network]] : [],
    );
    expect(looked).toEqual([
      ['networkCreate', refuge],
      ['networkDestroy', 'default'],
      ['networkUndefineKeepingLeases', 'default'],
      ['networkDefine', 'lab'],
      ['networkSetAutostart', 'lab'],
      ['networkStart', 'lab'],
      ['networkDestroy', refuge],
    ]);
  });

  it('is reverted by an undo that names the guests it disconnects for a moment, and nothing else', () => {
    const inLab = domainState(domain(nic("network='lab'")), domain(live.replace('default', 'lab')));
    const after = state({ networks: [networkState(defaultNetwork.replace('default', 'lab'))], domains: [inLab] });
    expect(planUndo(rename(), [], after)).toMatchObject({
      consent: [`stopping network lab cuts off vm1: NIC ${mac} (vnet0) for a moment`],
      warnings: [],
    });
  });

  it('needs no stop, and no consent, where the network is stopped', () => {
    const networks = [networkState(defaultNetwork, { active: false, autostart: false })];
    const plan = rename({ networks, domains: [domainState(domain(nic("network='default'")))] });
    expect(calls(plan)).toEqual(['domainUpdateDevice', 'networkUndefineKeepingLeases', 'networkDefine']);
    expect(plan.consent).toEqual([]);
  });

  it('reports running guests that keep the old name because they lost a bridge that is gone', () => {
    const plan = rename({ networks: [networkState(defaultNetwork, { active: false })] });
    expect(plan.consent).toEqual([
      `vm1: NIC ${mac} (vnet0), which lost its bridge when network default stopped, names it so until the next boot`,
    ]);
  });

  describe('of a network on a bridge of the host', () => {
    const lan = `<network><name>lan</name><uuid>${uuid}</uuid><forward mode='bridge'/><bridge name='br0'/></network>`;
    const inLan = nic(
      "network='lan' portid='5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a01' bridge='br0'",
      "<target dev='vnet0'/><vlan><tag id='7'/></vlan>",
    );
    const plan = rename({
      networks: [networkState(lan)],
      domains: [domainState(domain(nic("network='lan'")), domain(inLan))],
    });

    it('attaches guests to that bridge meanwhile, and does not ask', () => {
      expect(calls(plan)).toEqual([
        'domainUpdateDevice',
        'domainUpdateDevice',
        'networkDestroy',
        'networkUndefine',
        'networkDefine',
        'networkSetAutostart',
        'networkStart',
        'domainUpdateDevice',
      ]);
      expect(plan.consent).toEqual([]);
      const sent = plan.steps.flatMap(({ do: action }) =>
        action.call === 'domainUpdateDevice' ? [parseInterface(action.xml)] : [],
      );
      expect(
        sent.map(({ type, source, vlan }) => [type, source?.network ?? source?.bridge, vlan?.tags[0]?.id]),
      ).toEqual([
        ['network', 'lab', undefined],
        ['bridge', 'br0', 7],
        ['network', 'lab', 7],
      ]);
    });
  });

  it('changes both NICs of a domain of the test driver, which knows whole definitions only', () => {
    const two = domain(nic("network='default'") + nic("network='default'").replace(mac, '52:54:00:00:00:02'));
    const test = { ...stateWith().connection, hypervisor: 'TEST' };
    const { steps } = rename({ connection: test, host: undefined, domains: [domainState(two)] });
    const defined = steps.flatMap(({ do: action }) => (action.call === 'domainDefine' ? [action.xml] : []));
    expect(defined.map((xml) => [...xml.matchAll(/network="lab"/g)].length)).toEqual([1, 2]);
  });

  it('names what is saved with the old name', () => {
    const saved = [
      { domain: 'vm2', snapshot: 's1', interfaces: [parseInterface(nic("network='default'"))] },
      { domain: 'vm3', snapshot: undefined, interfaces: [parseInterface(nic("network='other'"))] },
    ];
    expect(rename({ domains: [], host: undefined }, 'lab', saved).consent).toEqual([
      `snapshot s1 of vm2 has NIC ${mac} in network default: vm2 will not start from it without that network (virsh snapshot-edit vm2 s1 names another)`,
    ]);
  });

  it('has nothing to do where the network has that name', () => {
    expect(rename({}, 'default').steps).toEqual([]);
  });

  it.each<readonly [string, Partial<State>, string, string]>([
    [
      'a name that is taken',
      { networks: [networkState(defaultNetwork), networkState('<network><name>lab</name></network>')] },
      'lab',
      'network lab already exists',
    ],
    ['an invalid name', {}, 'a/b', 'NEW a/b: a network name has only ASCII letters'],
    [
      'a transient network',
      { networks: [networkState(defaultNetwork, { persistent: false, inactive: undefined, inactiveXml: undefined })] },
      'lab',
      'network default is transient',
    ],
    [
      'a running container',
      { connection: { ...stateWith().connection, hypervisor: 'LXC' } },
      'lab',
      'cannot be given the new name of network default while the guest runs: its driver changes no NICs',
    ],
    [
      'a running guest on macvtap',
      {
        networks: [
          networkState(
            `<network><name>default</name><uuid>${uuid}</uuid><forward mode='bridge'><interface dev='eth0'/></forward></network>`,
          ),
        ],
      },
      'lab',
      'libvirt moves NICs between bridges only',
    ],
  ])('refuses %s', (_, given, to, message) => {
    expect(() => rename(given, to)).toThrow(message);
  });
});
