import { describe, expect, it } from '@jest/globals';
import { planNetworkRestart } from '../../../../src/plan/network/restart.ts';
import type { State } from '../../../../src/state/state.ts';
import { parseInterface } from '../../../../src/xml/interface.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const uuid = 'abcdef12-0000-4000-8000-0000000000ff';

const nic = `<interface type='network'>
  <mac address='52:54:00:00:00:01'/>
  <source network='default' portgroup='p' portid='5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a01' bridge='virbr0'/>
  <bandwidth><inbound average='1000' floor='200'/><outbound average='128'/></bandwidth>
  <port isolated='yes'/>
  <target dev='vnet0'/>
  <model type='virtio'/>
  <driver name='vhost' queues='2'/>
  <filterref filter='clean-traffic'><parameter name='IP' value='192.168.122.5'/></filterref>
  <link state='down'/>
  <mtu size='1400'/>
  <alias name='net0'/>
  <future-element a='b'/>
  <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
</interface>`;

const domain = (nics: string): string =>
  `<domain type='kvm'><name>vm1</name><uuid>11111111-1111-4111-8111-111111111112</uuid><devices>${nics}</devices></domain>`;

function state(given: Partial<State> = {}): State {
  const running = domainState(domain(nic), domain(nic));
  return stateWith({
    networks: [networkState(defaultNetwork)],
    domains: [running],
    host: hostWith([link('virbr0', { kind: 'bridge' }), link('vnet0', { kind: 'tun', master: 'virbr0' })]),
    ...given,
  });
}

describe('net restart', () => {
  const plan = planNetworkRestart(['default'], state(), uuid);
  const sent = plan.steps.flatMap(({ do: action }) =>
    action.call === 'domainUpdateDevice' ? [parseInterface(action.xml)] : [],
  );

  it('lets guests wait in a network made for it while the network is away, and removes that', () => {
    expect(plan.steps.map(({ do: action }) => action.call)).toEqual([
      'networkCreate',
      'domainUpdateDevice',
      'networkDestroy',
      'networkStart',
      'domainUpdateDevice',
      'networkDestroy',
    ]);
    expect(plan.steps.at(-1)?.do).toEqual({ call: 'networkDestroy', network: uuid });
  });

  it('sends back all that the NIC had, without what libvirt gave it', () => {
    const { source, ...before } = parseInterface(nic);
    const { source: after, ...rest } = sent[1] ?? parseInterface(nic);
    expect(JSON.parse(JSON.stringify(rest))).toEqual(JSON.parse(JSON.stringify(before)));
    expect(JSON.parse(JSON.stringify(after))).toEqual({ network: 'default', portgroup: 'p', ips: [], routes: [] });
    expect(source?.portid).toBeDefined();
    expect(plan.steps[4]?.do).toMatchObject({ xml: expect.stringContaining('<future-element a="b"/>') });
  });

  it('takes only what belongs to the old network from the NIC that waits: the guest sees no difference', () => {
    expect(sent[0]).toMatchObject({
      type: 'network',
      source: { network: 'kvmnet-refuge' },
      link: { state: 'down' },
      mtu: { size: 1400 },
      bandwidth: { inbound: { average: 1000 }, outbound: { average: 128 } },
    });
    expect(sent[0]?.bandwidth?.inbound?.floor).toBeUndefined();
    expect(sent[0]?.source?.portgroup).toBeUndefined();
  });

  it('undoes each step by what it came from, and looks at port and bridge in the end', () => {
    const [, out, , , back] = plan.steps;
    expect(out?.undo).toEqual([back?.do]);
    expect(back?.undo).toEqual([out?.do]);
    expect(back?.verify).toEqual({
      expect: 'plugged',
      domain: '11111111-1111-4111-8111-111111111112',
      mac: '52:54:00:00:00:01',
      slot: '0:1:0:0',
      network: 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e',
      bridge: 'virbr0',
    });
  });

  it('counts the time of spanning tree, with its delay of at least two seconds', () => {
    const seconds = (bridge: string): number => {
      const xml = defaultNetwork.replace("stp='on' delay='0'", bridge);
      return planNetworkRestart(['default'], state({ networks: [networkState(xml)] }), uuid).seconds;
    };
    expect(seconds("stp='on' delay='0'")).toBe(5);
    expect(seconds("stp='on' delay='15'")).toBe(31);
    expect(seconds("stp='off' delay='0'")).toBe(1);
  });

  it('takes another name for the network that guests wait in, where that is taken', () => {
    const taken = hostWith([...(state().host?.links ?? []), link('kvmnet-refuge', { kind: 'bridge' })]);
    const [first] = planNetworkRestart(['default'], state({ host: taken }), uuid).steps;
    expect(first?.do).toMatchObject({ xml: expect.stringContaining('<name>kvmnet-refuge10</name>') });
  });

  it('reattaches ports that are not guests, also when stopping is undone', () => {
    const host = hostWith([...(state().host?.links ?? []), link('veth7', { kind: 'veth', master: 'virbr0' })]);
    const { steps, consent } = planNetworkRestart(['default'], state({ host }), uuid);
    const master = { call: 'hostSetMaster', link: 'veth7', master: 'virbr0' };
    expect(steps.map(({ do: action }) => action)).toContainEqual(master);
    expect(steps.find(({ title }) => title === 'stop network default')?.undo).toEqual([
      { call: 'networkStart', network: 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e' },
      master,
    ]);
    expect(consent.join()).toContain('cuts off veth7, a port of virbr0');
  });

  it('works by the API alone where the kernel is out of sight', () => {
    const { steps } = planNetworkRestart(['default'], state({ host: undefined }), uuid);
    expect(steps.filter(({ do: action }) => action.call.startsWith('host'))).toEqual([]);
    expect(steps[4]?.verify).toMatchObject({ expect: 'plugged', bridge: undefined });
  });

  it('moves containers by the kernel, and refuses where that is out of sight', () => {
    const lxc = { ...stateWith().connection, hypervisor: 'LXC' };
    const { steps } = planNetworkRestart(['default'], state({ connection: lxc }), uuid);
    expect(steps.map(({ do: action }) => action.call)).toEqual(['networkDestroy', 'networkStart', 'hostSetMaster']);
    expect(() => planNetworkRestart(['default'], state({ connection: lxc, host: undefined }), uuid)).toThrow(
      /cannot reattach .* from here/,
    );
  });

  it('starts an inactive one, and does not ask', () => {
    const idle = state({ networks: [networkState(defaultNetwork, { active: false })] });
    const { steps, consent } = planNetworkRestart(['default'], idle, uuid);
    expect(steps.map(({ do: action }) => action.call)).toEqual(['networkStart']);
    expect(consent).toEqual([]);
  });
});
