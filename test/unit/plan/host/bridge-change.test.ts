import { parseHostAddress } from '../../../../src/values/host-address.ts';
import { describe, expect, it } from '@jest/globals';
import { planBridgeDelete } from '../../../../src/plan/host/bridge-delete.ts';
import { planAddPorts, planDeletePorts } from '../../../../src/plan/host/bridge-ports.ts';
import { planBridgeSet } from '../../../../src/plan/host/bridge-set.ts';
import { planBridgeCreate } from '../../../../src/plan/host/bridge.ts';
import { commandsTo } from '../../../../src/plan/host/wanted.ts';
import { defaultNetwork, ipv4, link, networkState, route } from '../state.ts';
import { after, run } from './apply.ts';
import { plain, nic, bridge, on, onBr0, tap, commands } from './bridges.ts';
import { wholeHost } from '../../../../src/state/whole-host.ts';

describe('ports', () => {
  it('are added without changing the MAC of a bridge that another program created', () => {
    expect(commands(planAddPorts('br0', ['eno1'], on([bridge('br0'), nic])))).toEqual([
      'link set dev br0 address 02:00:00:00:00:01',
      'link set dev eno1 master br0',
    ]);
  });

  it('are nothing to do where they are ports already', () => {
    expect(planAddPorts('br0', ['eno1'], on([bridge('br0'), { ...nic, master: 'br0' }])).steps).toEqual([]);
  });

  it('are distinguished from the bridge if both are swapped', () => {
    expect(() => planAddPorts('eno1', ['br0'], on([bridge('br0'), nic]))).toThrow('the bridge comes first');
  });

  it('leave with the consent of who reaches guests by them', () => {
    const state = on([bridge('br0'), { ...nic, master: 'br0' }, tap], { domains: [onBr0] });
    const plan = planDeletePorts('br0', ['eno1'], state);
    expect(plan.consent).toEqual(['what is behind eno1 and the guests of br0 no longer reach each other: VM1']);
  });

  it("are not a guest's own device", () => {
    const state = on([bridge('br0'), tap], { domains: [onBr0] });
    expect(() => planDeletePorts('br0', ['vnet0'], state)).toThrow('vnet0 is a NIC of VM VM1');
  });
});

describe('bridge delete', () => {
  it('names guests in both scopes, ports, addresses, the default route and the SSH connection', () => {
    const links = [bridge('br0', { addresses: [ipv4('192.0.2.1', 24)] }), { ...nic, master: 'br0' }, tap];
    const state = on(links, { domains: [onBr0] }, [route('0.0.0.0/0', 'br0', { gateway: '192.0.2.254' })]);
    const { consent } = planBridgeDelete(['br0'], state, '192.0.2.7 40000 192.0.2.1 22');
    expect(consent).toEqual([
      'VM1 is cut off: its NIC 52:54:00:00:00:01 (vnet0) is attached to br0',
      'VM1 cannot start any more: its NIC 52:54:00:00:00:01 names br0',
      'the host loses 192.0.2.1/24 on br0',
      'br0 carries the default route via 192.0.2.254',
      'your SSH connection comes in over br0 (192.0.2.1)',
      'eno1 will no longer belong to any bridge',
    ]);
  });

  it('names the network that is a name for it', () => {
    const networks = [networkState("<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>")];
    expect(planBridgeDelete(['br0'], on([bridge('br0')], { networks })).consent.join()).toContain(
      'network lan is a name for br0',
    );
  });

  it('does not ask if the bridge is unused', () => {
    expect(planBridgeDelete(['br0'], on([bridge('br0')])).consent).toEqual([]);
  });

  it('refuses while a VLAN device depends on it', () => {
    const above = link('br0.7', { kind: 'vlan', parent: 'br0', vlan: { id: 7, protocol: '802.1Q' } });
    expect(() => planBridgeDelete(['br0'], on([bridge('br0'), above]))).toThrow('br0 carries br0.7');
  });

  it("leaves libvirt's bridges to net delete", () => {
    const networks = [networkState(defaultNetwork)];
    expect(() => planBridgeDelete(['virbr0'], on([bridge('virbr0')], { networks }))).toThrow(
      expect.objectContaining({ code: 'CONFLICT', hint: 'kvmnet net delete default' }),
    );
  });
});

describe('bridge set', () => {
  it('takes several settings in one command', () => {
    const made = commands(
      planBridgeSet('br0', ['stp=on', 'forward-delay=4', 'priority=4096', 'mtu=1400'], on([bridge('br0')])),
    );
    expect(made).toEqual([
      'link set dev br0 mtu 1400',
      'link set dev br0 type bridge stp_state 1 forward_delay 400 priority 4096',
    ]);
  });

  it.each([
    ['fd=4', 'write forward-delay=4'],
    ['setageing=30', 'write ageing-time=30'],
    ['bridgeprio=0', 'write priority=0'],
    ['agein-time=30', 'write ageing-time=30'],
  ])('knows what %s means elsewhere', (pair, hint) => {
    expect(() => planBridgeSet('br0', [pair], on([bridge('br0')]))).toThrow(
      expect.objectContaining({ code: 'USAGE', hint }),
    );
  });

  it.each([
    'priority=1',
    'priority=65536',
    'hello-time=11',
    'forward-delay=31',
    'max-age=5',
    'stp=yes',
    'mtu=67',
    'mac=ff:ff:ff:ff:ff:ff',
  ])('refuses %s', (pair) => {
    expect(() => planBridgeSet('br0', [pair], on([bridge('br0')]))).toThrow(expect.objectContaining({ code: 'INPUT' }));
  });

  it('refuses a delay below two seconds where STP is on, or comes on', () => {
    expect(() => planBridgeSet('br0', ['stp=on', 'forward-delay=1'], on([bridge('br0')]))).toThrow(
      'with STP it is 2 to 30',
    );
  });
});

describe('whatever is planned', () => {
  const state = on([bridge('br1'), nic, link('eno2', { mac: '00:16:3e:00:00:02', up: false, master: 'br1' })]);
  it.each([
    [
      'create',
      () => planBridgeCreate({ ...plain, ports: ['eno1'], address: parseHostAddress('10.9.0.1/24'), stp: true }, state),
    ],
    ['add-port', () => planAddPorts('br1', ['eno1'], state)],
    ['del-port', () => planDeletePorts('br1', ['eno2'], state)],
    ['delete', () => planBridgeDelete(['br1'], state)],
    ['stp on', () => planBridgeSet('br1', ['stp=on'], state)],
    ['set', () => planBridgeSet('br1', ['forward-delay=7', 'ageing-time=1', 'mac=02:00:00:00:00:31'], state)],
  ])('by bridge %s has its result once it is done, and is as before once it is undone', (_name, plan) => {
    const made = plan();
    const host = after(made, wholeHost(state.host!));
    for (const { verify, undo } of made.steps) {
      if (verify.expect !== 'links') throw new Error('not about links');
      expect(commandsTo(verify.links, host)).toEqual([]);
      // As the journal has it.
      const [back] = JSON.parse(JSON.stringify(undo)) as typeof undo;
      if (back?.call !== 'hostRestore') throw new Error('no way back');
      const undone = commandsTo(back.links, host).reduce(run, host);
      expect(commandsTo(back.links, undone)).toEqual([]);
      expect(undone.links.map(({ name, master }) => [name, master]).sort()).toEqual(
        state.host!.links.map(({ name, master }) => [name, master]).sort(),
      );
    }
    expect(made.steps.length).toBeGreaterThan(0);
  });
});
