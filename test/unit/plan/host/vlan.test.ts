import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBondMode, planBondCreate } from '../../../../src/plan/host/bond.ts';
import { planMacvlanCreate } from '../../../../src/plan/host/macvlan.ts';
import { planPortCreate } from '../../../../src/plan/host/port.ts';
import { planVlanCreate, planVlanDelete, type VlanOptions } from '../../../../src/plan/host/vlan.ts';
import { commandsTo } from '../../../../src/plan/host/wanted.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import type { State } from '../../../../src/state/state.ts';
import type { Link } from '../../../../src/records/link.ts';
import { parseHostAddress } from '../../../../src/values/host-address.ts';
import { parseVlanIds } from '../../../../src/values/number.ts';
import { domainState, hostWith, ipv4, link, stateWith } from '../state.ts';
import { after, run } from './apply.ts';

const nic = link('eno1', { mac: '00:16:3e:00:00:01', up: false });
const on = (links: readonly Link[], more: Partial<State> = {}): State => stateWith({ host: hostWith(links), ...more });
const vlan = (name: string, parent: string, id: number, given: Partial<Link> = {}): Link =>
  link(name, { kind: 'vlan', parent, vlan: { id, protocol: '802.1Q' }, ...given });
const bridge = (name: string, given: Partial<Link> = {}): Link => link(name, { kind: 'bridge', ...given });

function commands(plan: Plan): string[] {
  return plan.steps.flatMap(({ do: action }) =>
    action.call === 'hostLinks' ? action.commands.map((words) => words.join(' ')) : [],
  );
}

describe('vlan create', () => {
  it('makes the device and its bridge, with the NIC up before the device', () => {
    expect(commands(planVlanCreate({ nic: 'eno1', ids: [10], bridge: 'brvlan-10' }, on([nic])))).toEqual([
      'link add link eno1 name eno1.10 type vlan protocol 802.1Q id 10',
      'link add name brvlan-10 address 00:16:3e:00:00:01 type bridge stp_state 0 forward_delay 0',
      'link set dev eno1.10 master brvlan-10',
      'link set dev eno1 up',
      'link set dev eno1.10 up',
      'link set dev brvlan-10 up',
    ]);
  });

  it('has a bridge for each of several IDs, in one step', () => {
    const plan = planVlanCreate({ nic: 'eno1', ids: [10, 11, 12, 30], bridge: 'v{id}' }, on([nic]));
    expect(plan.title).toBe('create VLANs 10-12, 30 on eno1 with bridges v10 … v30');
    expect(plan.steps).toHaveLength(1);
    expect(commands(plan).filter((line) => line.includes('master'))).toEqual(
      [10, 11, 12, 30].map((id) => `link set dev eno1.${id} master v${id}`),
    );
  });

  it('gives the address to the bridge, and without one to the device', () => {
    const address = parseHostAddress('192.168.10.1/24');
    const withBridge = commands(planVlanCreate({ nic: 'eno1', ids: [10], bridge: 'b10', address }, on([nic])));
    expect(withBridge.at(-1)).toBe('address add 192.168.10.1/24 broadcast 192.168.10.255 dev b10');
    const alone = commands(planVlanCreate({ nic: 'eno1', ids: [10], address }, on([nic])));
    expect(alone.at(-1)).toBe('address add 192.168.10.1/24 broadcast 192.168.10.255 dev eno1.10');
  });

  it('warns of the address of the NIC itself', () => {
    const { warnings } = planVlanCreate(
      { nic: 'eno1', ids: [10] },
      on([{ ...nic, addresses: [ipv4('192.0.2.1', 24)] }]),
    );
    expect(warnings.join()).toContain('eno1 has 192.0.2.1/24 itself');
  });

  it.each<[string, VlanOptions, readonly Link[], string]>([
    [
      'a second device with an ID',
      { nic: 'eno1', ids: [10] },
      [nic, vlan('v10', 'eno1', 10)],
      'VLAN 10 of eno1 has a device already: v10',
    ],
    [
      'a port of a bridge',
      { nic: 'eno1', ids: [10] },
      [{ ...nic, master: 'br0' }, bridge('br0')],
      'eno1 is a port of br0',
    ],
    [
      'a name that another VLAN has',
      { nic: 'eno1', ids: [10], name: 'v9' },
      [nic, vlan('v9', 'eno1', 9)],
      'v9 already exists (VLAN 9 of eno1)',
    ],
    ['one bridge for two', { nic: 'eno1', ids: [10, 11], bridge: 'b' }, [nic], '2 VLANs cannot have one and the same'],
    [
      'one address for two',
      { nic: 'eno1', ids: [10, 11], address: parseHostAddress('10.0.0.1/24') },
      [nic],
      '--address is for one VLAN',
    ],
    [
      'a device that is in another bridge',
      { nic: 'eno1', ids: [10], bridge: 'b1' },
      [nic, vlan('eno1.10', 'eno1', 10, { master: 'b0' })],
      'is a port of b0 already',
    ],
    [
      'an address where it would not be reachable',
      { nic: 'eno1', ids: [10], address: parseHostAddress('10.0.0.1/24') },
      [nic, vlan('eno1.10', 'eno1', 10, { master: 'b0' })],
      'eno1.10 is a port of b0',
    ],
    [
      'a device with an address, for a bridge',
      { nic: 'eno1', ids: [10], bridge: 'b1' },
      [nic, vlan('eno1.10', 'eno1', 10, { addresses: [ipv4('10.0.0.1', 24)] })],
      'would not be reachable',
    ],
    [
      'a name that is too long',
      { nic: 'enx001122334455', ids: [10] },
      [link('enx001122334455')],
      'longer than the 15 characters',
    ],
    ['the NIC as its own bridge', { nic: 'eno1', ids: [10], bridge: 'eno1' }, [nic], 'has this name'],
    ['a wireless NIC', { nic: 'wlan0', ids: [10] }, [link('wlan0', { wireless: true })], 'is wireless'],
    ["libvirt's bridge", { nic: 'virbr0', ids: [10] }, [bridge('virbr0')], 'a bridge of libvirt'],
  ])('refuses %s', (_what, options, links, message) => {
    expect(() => planVlanCreate(options, on(links))).toThrow(message);
  });
});

describe('VLAN IDs', () => {
  it.each(['0', '4095', '-1', 'abc', '10-5', '1e1', '010', '10-', '-', '', '10-4095', '1-2-3', ' 10', '٣'])(
    'are not %j',
    (word) => {
      expect(() => parseVlanIds([word])).toThrow(expect.objectContaining({ code: 'INPUT' }));
    },
  );

  it('are each one once, in order, however they are written', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 4094 }), fc.integer({ min: 1, max: 4094 }))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
        const ids = parseVlanIds(ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)));
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
        for (const [first, last] of ranges) expect(ids).toEqual(expect.arrayContaining([first, last]));
        expect(ids.every((id) => ranges.some(([first, last]) => first <= id && id <= last))).toBe(true);
      }),
    );
  });
});

describe('vlan delete', () => {
  it('names the guests of its bridge', () => {
    const xml = (tap: string): string =>
      `<domain type='kvm'><name>VM1</name><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='b10'/>${tap}</interface></devices></domain>`;
    const domains = [domainState(xml(''), xml("<target dev='vnet0'/>"))];
    const links = [
      nic,
      vlan('eno1.10', 'eno1', 10, { master: 'b10' }),
      bridge('b10'),
      link('vnet0', { kind: 'tun', master: 'b10' }),
    ];
    expect(planVlanDelete('eno1', ['10'], on(links, { domains })).consent).toEqual([
      'the guests of b10 leave VLAN 10: VM1',
    ]);
  });

  it('deletes the existing ones of a range, and reports the missing IDs', () => {
    const state = on([nic, vlan('eno1.10', 'eno1', 10), vlan('x', 'eno1', 12)]);
    expect(commands(planVlanDelete('eno1', ['10-19'], state))).toEqual([
      'link delete dev eno1.10',
      'link delete dev x',
    ]);
    expect(() => planVlanDelete('eno1', ['10', '11'], state)).toThrow(
      expect.objectContaining({ code: 'NOTFOUND', hint: 'it has VLANs 10, 12' }),
    );
  });

  it('refuses while another device depends on it', () => {
    const state = on([nic, vlan('eno1.10', 'eno1', 10), vlan('eno1.10.5', 'eno1.10', 5)]);
    expect(() => planVlanDelete('eno1', ['10'], state)).toThrow('eno1.10 carries eno1.10.5');
  });
});

describe('bond create', () => {
  const two = [nic, link('eno2', { mac: '00:16:3e:00:00:02' })];

  it('puts NICs down before it takes them', () => {
    expect(commands(planBondCreate({ name: 'bond0', nics: ['eno1', 'eno2'] }, on(two)))).toEqual([
      'link add name bond0 type bond mode active-backup miimon 100',
      'link set dev eno1 master bond0',
      'link set dev eno2 down',
      'link set dev eno2 master bond0',
      'link set dev bond0 up',
      'link set dev eno1 up',
    ]);
  });

  it('brings its NICs up again when it is undone: the kernel puts down what a bond gives back', () => {
    const [step] = planBondCreate({ name: 'bond0', nics: ['eno2'] }, on(two)).steps;
    // As the journal has it.
    const [back] = JSON.parse(JSON.stringify(step!.undo)) as NonNullable<typeof step>['undo'];
    const there = hostWith([nic, { ...two[1]!, master: 'bond0' }, link('bond0', { kind: 'bond' })]);
    const undone = back?.call === 'hostRestore' ? commandsTo(back.links, there).map((words) => words.join(' ')) : [];
    expect(undone).toEqual(expect.arrayContaining(['link delete dev bond0', 'link set dev eno2 up']));
  });

  it.each<[what: string, given: { readonly mode?: string; readonly primary?: string }, hint: string]>([
    ['--mode 4', { mode: '4' }, 'write --mode 802.3ad'],
    ['--mode activebackup', { mode: 'activebackup' }, 'did you mean active-backup?'],
    ['a primary that is not in it', { primary: 'eno3' }, 'name one of eno1, eno2'],
    ['a primary where all are alike', { primary: 'eno1', mode: '802.3ad' }, 'omit it, or use --mode active-backup'],
  ])('refuses %s', (_what, { mode, primary }, hint) => {
    const plan = () => {
      const options = { mode: mode === undefined ? undefined : parseBondMode(mode), primary };
      return planBondCreate({ name: 'bond0', nics: ['eno1', 'eno2'], ...options }, on(two));
    };
    expect(plan).toThrow(expect.objectContaining({ code: 'INPUT', hint }));
  });

  it('explains what the switch needs', () => {
    const { warnings } = planBondCreate({ name: 'bond0', nics: ['eno1', 'eno2'], mode: '802.3ad' }, on(two));
    expect(warnings.join()).toContain('LACP');
  });
});

describe('macvlan create', () => {
  it('creates one of mode bridge, and has nothing to do if it exists', () => {
    const plan = planMacvlanCreate({ name: 'host0', nic: 'eno1', address: parseHostAddress('10.0.0.1/32') }, on([nic]));
    expect(commands(plan)[0]).toBe('link add link eno1 name host0 type macvlan mode bridge');
    const host = after(plan, hostWith([nic]));
    expect(
      planMacvlanCreate({ name: 'host0', nic: 'eno1', address: parseHostAddress('10.0.0.1/32') }, stateWith({ host }))
        .steps,
    ).toEqual([]);
  });

  it('refuses a port of a bridge', () => {
    const state = on([{ ...nic, master: 'br0' }, bridge('br0')]);
    expect(() => planMacvlanCreate({ name: 'host0', nic: 'eno1' }, state)).toThrow('eno1 is a port of br0');
  });
});

describe('port create', () => {
  const options = { bridge: 'br0', name: 'probe0', address: parseHostAddress('10.0.0.9/24') };

  it('makes the namespace where it is missing, and takes the first free name in it', () => {
    const plan = planPortCreate(options, undefined, on([bridge('br0')]));
    expect(plan.steps.map(({ do: action }) => (action.call === 'hostLinks' ? action.netns : action.call))).toEqual([
      undefined,
      undefined,
      'probe0',
    ]);
    expect(commands(plan)[0]).toBe('netns add probe0');
    const second = planPortCreate(options, [link('lo'), link('eth0')], on([bridge('br0')]));
    expect(commands(second)[0]).toBe('link add name probe0 type veth peer name eth1 netns probe0');
  });

  it('has nothing to do if the link is already a port', () => {
    const there = on([bridge('br0'), link('probe0', { kind: 'veth', master: 'br0' })]);
    const inside = [link('eth0', { kind: 'veth', addresses: [ipv4('10.0.0.9', 24)] })];
    expect(planPortCreate(options, inside, there).steps).toEqual([]);
  });

  it.each(['..', '.', 'a/b', '-x', '', 'a b', 'ä'])('refuses a namespace %j', (netns) => {
    expect(() => planPortCreate({ ...options, netns }, undefined, on([bridge('br0')]))).toThrow(
      expect.objectContaining({ code: 'INPUT' }),
    );
  });
});

describe('whatever is planned of VLANs', () => {
  it('has its result once it is done, nothing is left to do then, and undo restores the state before', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 4094 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ids, fc.boolean(), fc.boolean(), (numbers, withBridge, up) => {
        const options = {
          nic: 'eno1',
          ids: [...numbers].sort((left, right) => left - right),
          ...(withBridge ? { bridge: 'b{id}' } : {}),
        };
        const before = hostWith([{ ...nic, up }]);
        const plan = planVlanCreate(options, stateWith({ host: before }));
        const host = after(plan, before);
        expect(planVlanCreate(options, stateWith({ host })).steps).toEqual([]);
        const [back] = plan.steps[0]!.undo;
        if (back?.call !== 'hostRestore') throw new Error('no way back');
        expect(commandsTo(back.links, host).reduce(run, host)).toEqual(before);
      }),
    );
  });
});
