import { describe, expect, it } from '@jest/globals';
import { planDetach, planLink, planMove } from '../../../../src/plan/nic/change.ts';
import { findSource } from '../../../../src/plan/nic/source.ts';
import type { Step } from '../../../../src/plan/step.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import { nicsOf } from '../../../../src/state/nics.ts';
import type { DomainState, State } from '../../../../src/state/state.ts';
import { parseInterface, type Interface } from '../../../../src/xml/interface.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const mac = '52:54:00:00:00:01';
const domain = (...nics: readonly string[]) =>
  `<domain type='kvm'><name>VM1</name><devices>${nics.join('')}</devices></domain>`;
const nic = (type: string, source: string, rest = '') =>
  `<interface type='${type}'><mac address='${mac}'/><source ${source}/>${rest}</interface>`;
const slot = (number: number) => `<address type='pci' domain='0x0000' bus='0x0${number}' slot='0x00' function='0x0'/>`;

const lan = networkState(`<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`);
const taps = networkState(
  `<network><name>taps</name><forward mode='bridge'><interface dev='eno1'/></forward></network>`,
);
const state = stateWith({
  networks: [networkState(defaultNetwork), lan, taps],
  host: hostWith([
    link('virbr0', { kind: 'bridge' }),
    link('br0', { kind: 'bridge' }),
    link('br1', { kind: 'bridge' }),
    link('ovsbr0', { kind: 'openvswitch' }),
    link('eno1'),
  ]),
});

const inDefault = `network='default' portid='4ab23bdc-88af-4d8d-a416-899c9c933e41' bridge='virbr0'`;
const running = domainState(
  domain(nic('network', `network='default'`)),
  domain(nic('network', inDefault, `<target dev='vnet0'/><model type='virtio'/><alias name='net0'/>${slot(1)}`)),
);

const change = (of: DomainState, wanted = {}, index = 0) => ({ domain: of, nic: nicsOf(of)[index]!, wanted });
const sent = ({ do: action }: Step): Interface => parseInterface('xml' in action ? action.xml : '');
const back = ({ undo: [action] }: Step): Interface => parseInterface(action && 'xml' in action ? action.xml : '');
const withRelease = (libvirtVersion: number): State => ({
  ...state,
  connection: { ...state.connection, libvirtVersion },
});

describe('the plan of vm detach', () => {
  it('asks the guest first, and changes the configuration only after that', () => {
    const { steps } = planDetach(change(running), state);
    expect(steps).toMatchObject([
      {
        do: { call: 'domainDetachDevice', live: true, config: false },
        undo: [{ call: 'domainAttachDevice', live: true, config: false }],
        verify: { expect: 'nic', mac, live: false },
        unmet: { message: `NIC ${mac} of VM1: the guest has not released it, and it is still attached` },
      },
      { do: { call: 'domainDetachDevice', live: false, config: true }, verify: { config: false } },
    ]);
    expect(steps[0]?.unmet?.hint).toMatch(`kvmnet vm link VM1 ${mac} down`);
    expect(steps[0]?.unmet?.hint).toMatch('--config');
    expect(steps[1]).not.toHaveProperty('unmet');
  });

  it('is of the lives that the NIC has', () => {
    const live = domainState(domain(), running.xml);
    expect(planDetach(change(live), state).steps).toHaveLength(1);
    expect(() => planDetach(change(live, { config: true }), state)).toThrow(
      expect.objectContaining({ code: 'CONFLICT', hint: 'use --live' }),
    );
    const next = domainState(running.inactiveXml!, domain());
    expect(() => planDetach(change(next, { live: true }), state)).toThrow(
      expect.objectContaining({ hint: 'use --config' }),
    );
  });

  it('distinguishes two NICs with one MAC by their slots, and refuses if they have none', () => {
    const twins = domainState(domain(nic('bridge', `bridge='br0'`, slot(1)), nic('bridge', `bridge='br0'`, slot(2))));
    const [step] = planDetach(change(twins, {}, 1), state).steps;
    expect(step?.verify).toMatchObject({ mac, slot: '0:2:0:0' });
    expect(sent(step!).address?.bus).toBe('0x02');
    const alike = domainState(domain(nic('bridge', `bridge='br0'`), nic('bridge', `bridge='br0'`)));
    expect(() => planDetach(change(alike), state)).toThrow(
      expect.objectContaining({ code: 'AMBIGUOUS', message: expect.stringMatching('has 2 NICs with the MAC') }),
    );
  });
});

describe('the plan of vm move', () => {
  const move = (to: string, of = running, seen: State = state, wanted = {}) =>
    planMove({ ...change(of, wanted), source: findSource(seen, to) }, seen);

  it('moves with the link down, waits until the guest has seen it, and lifts it; then the next boot', () => {
    const { steps } = move('br0');
    expect(steps.map(sent)).toMatchObject([
      { type: 'bridge', source: { bridge: 'br0' }, link: { state: 'down' } },
      { type: 'bridge', source: { bridge: 'br0' }, link: { state: 'up' } },
      { type: 'bridge', source: { bridge: 'br0' } },
    ]);
    expect(steps.map(({ pause }) => pause)).toEqual([expect.any(Number), undefined, undefined]);
    expect(steps.map(({ verify }) => verify)).toMatchObject([
      { live: { source: 'br0', link: 'down' } },
      { live: { source: 'br0', link: 'up' } },
      { config: { source: 'br0' } },
    ]);
    const [live] = steps.map(sent);
    expect(live).toMatchObject({ mac: { address: mac }, target: { dev: 'vnet0' }, address: { bus: '0x01' } });
    expect(live?.source).not.toHaveProperty('network', 'default');
  });

  it('is undone, and done again, with the link down for as long', () => {
    const { title, steps } = move('br0', running, state, { live: true });
    const seen = (of: readonly Step[]) => of.map((step) => [sent(step).link?.state, sent(step).type, step.pause]);
    const undone = planUndo({ title, steps }, [], state).steps;
    const [down, up] = seen(steps);
    expect(seen(undone)).toEqual([
      ['down', 'bridge', expect.any(Number)],
      [undefined, 'network', undefined],
    ]);
    expect(seen(planUndo({ title, steps: undone }, [], state).steps)).toEqual([down, up]);
  });

  it('goes back to the network that it came from, not to the port that it had', () => {
    const [first] = move('br0').steps;
    expect(back(first!)).toMatchObject({ type: 'network', source: { network: 'default' } });
    expect(Object.keys(back(first!).source!)).toEqual(['network', 'ips', 'routes']);
  });

  it('leaves a link down that the user has down', () => {
    const down = domainState(running.inactiveXml!, running.xml.replace('<model', `<link state='down'/><model`));
    const { steps } = move('br0', down, state, { live: true });
    expect(steps.map(sent)).toMatchObject([{ link: { state: 'down' } }]);
  });

  it('does nothing if the NIC is already attached, in each of its scopes', () => {
    expect(move('default').steps).toEqual([]);
    const drifted = domainState(domain(nic('bridge', `bridge='br1'`)), running.xml);
    expect(move('default', drifted).steps).toMatchObject([{ do: { live: false, config: true } }]);
  });

  it('makes a port of Open vSwitch of a NIC, and none of it again', () => {
    const newer = withRelease(10_008_000);
    expect(move('ovsbr0', running, newer).steps.map(sent)[0]).toMatchObject({ virtualport: { type: 'openvswitch' } });
    const port = nic(
      'bridge',
      `bridge='ovsbr0'`,
      `<virtualport type='openvswitch'><parameters interfaceid='f0a5e5d4-9b5b-4d3c-8a7c-0a8d8d3b5c11'/></virtualport>`,
    );
    const [out] = move('br0', domainState(domain(port), domain(port)), newer).steps.map(sent);
    expect(out?.virtualport).toBeUndefined();
    expect(() => move('ovsbr0')).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY',
        message: expect.stringMatching(/Open vSwitch needs libvirt 10\.8, this is 9\.0\.0$/),
      }),
    );
  });

  it.each([
    ['eno1', running],
    ['taps', running],
    [
      'br0',
      domainState(domain(nic('direct', `dev='eno1' mode='bridge'`)), domain(nic('direct', `dev='eno1' mode='bridge'`))),
    ],
    [
      'default',
      domainState(
        domain(nic('network', `network='taps'`)),
        domain(nic('direct', `network='taps' dev='eno1' mode='bridge'`)),
      ),
    ],
  ] as const)('to %s is only for the next boot where libvirt cannot do it live', (to, of) => {
    expect(() => move(to, of)).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY',
        message: expect.stringMatching('between bridges only'),
        hint: expect.stringMatching('--config'),
      }),
    );
    expect(move(to, of, state, { config: true }).steps).toHaveLength(1);
  });

  it('starts an inactive network first, with consent, where the guest runs', () => {
    const idle = { ...state, networks: [networkState(defaultNetwork), { ...lan, active: false }] };
    expect(move('lan', running, idle)).toMatchObject({
      steps: [
        { do: { call: 'networkStart' } },
        { do: { live: true } },
        { do: { live: true } },
        { do: { live: false } },
      ],
      consent: ['network lan is not active, and has to be started'],
    });
    expect(move('lan', running, idle, { config: true })).toMatchObject({
      steps: [{ do: { live: false, config: true } }],
      consent: [],
      warnings: ['network lan is not active: VM1 will not start until it is'],
    });
  });

  it('is refused to a tagged NIC where the domain would not start any more', () => {
    const tagged = domainState(
      domain(nic('bridge', `bridge='ovsbr0'`, `<virtualport type='openvswitch'/><vlan><tag id='5'/></vlan>`)),
    );
    expect(() => move('br0', tagged)).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY',
        message: expect.stringMatching('has a VLAN tag, which br0 cannot have'),
      }),
    );
    expect(move('br0', tagged, withRelease(11_000_000)).steps.map(sent)).toMatchObject([
      { vlan: { tags: [{ id: 5 }] } },
    ]);
  });

  it('is refused to a running container, which libvirt cannot change', () => {
    const lxc = { ...state, connection: { ...state.connection, hypervisor: 'LXC' } };
    expect(() => move('br0', running, lxc)).toThrow(
      expect.objectContaining({ code: 'DEPENDENCY', hint: expect.stringMatching('--config') }),
    );
    expect(move('br0', running, lxc, { config: true }).steps).toHaveLength(1);
  });
});

describe('the plan of vm link', () => {
  it('keeps a NIC in its network where libvirt shows the bridge or the NIC behind it', () => {
    for (const [type, source] of [
      ['bridge', `network='lan' portid='4ab23bdc-88af-4d8d-a416-899c9c933e41' bridge='br0'`],
      ['direct', `network='lan' portid='4ab23bdc-88af-4d8d-a416-899c9c933e41' dev='eno1' mode='bridge'`],
    ] as const) {
      const of = domainState(domain(nic('network', `network='lan'`)), domain(nic(type, source)));
      const { steps } = planLink({ ...change(of), link: 'down' }, state);
      expect(steps.map(sent)).toMatchObject([
        { type: 'network', source: { network: 'lan' }, link: { state: 'down' } },
        { type: 'network', source: { network: 'lan' }, link: { state: 'down' } },
      ]);
      expect(Object.keys(sent(steps[0]!).source!)).toEqual(['network', 'ips', 'routes']);
    }
  });

  it('counts a NIC without a link state as up', () => {
    expect(planLink({ ...change(running), link: 'up' }, state).steps).toEqual([]);
  });

  it('changes one NIC of the definition for the test driver, and no other with the same MAC', () => {
    const test = { ...state, connection: { ...state.connection, hypervisor: 'TEST' } };
    const twins = domainState(domain(nic('user', `dev='a'`, slot(1)), nic('user', `dev='b'`, slot(2))));
    const [step] = planLink({ ...change(twins, {}, 1), link: 'down' }, test).steps;
    const xml = step && 'xml' in step.do ? step.do.xml : '';
    expect(xml.match(/<link state="down"\/>/g)).toHaveLength(1);
    expect(xml.indexOf('<link')).toBeGreaterThan(xml.indexOf('dev="b"'));
  });
});
