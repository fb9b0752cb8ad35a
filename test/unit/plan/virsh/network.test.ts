import { describe, expect, it } from '@jest/globals';
import { planVirshUpdate, type NetUpdateRequest } from '../../../../src/plan/virsh/net-update.ts';
import {
  planVirshCreate,
  planVirshDefine,
  planVirshDestroy,
  planVirshStart,
  planVirshUndefine,
} from '../../../../src/plan/virsh/network.ts';
import type { NetworkState, State } from '../../../../src/state/state.ts';
import { bridgeOver, portOf } from '../../../../src/xml/interface-bridge.ts';
import { parseNetwork } from '../../../../src/xml/network.ts';

const uuid = '00000000-0000-4000-8000-000000000001';
const hosts =
  "<host mac='52:54:00:00:00:01' name='one' ip='10.0.0.11'/><host mac='52:54:00:00:00:02' name='two' ip='10.0.0.12'/>";
const xmlOf = (inDhcp = hosts): string =>
  `<network><name>keen</name><uuid>${uuid}</uuid><bridge name='keen0'/><mac address='52:54:00:00:00:ff'/>
  <ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.100' end='10.0.0.200'/>${inDhcp}</dhcp></ip>
  <ip family='ipv6' address='fd00::1' prefix='64'/></network>`;

function stateOf(network: Partial<NetworkState> & { readonly xml?: string } = {}): State {
  const { xml = xmlOf(), inactiveXml = xml } = network;
  const one: NetworkState = {
    ...{ name: 'keen', uuid, active: true, persistent: true, autostart: false, bridge: 'keen0', leases: [] },
    ...{ xml, network: parseNetwork(xml), inactiveXml, inactive: parseNetwork(inactiveXml) },
    ...network,
  };
  return {
    connection: { uri: 'qemu:///system', hypervisor: 'QEMU', libvirtVersion: 9_000_000 },
    networks: [one],
    domains: [],
    host: undefined,
  };
}

const request = (more: Partial<NetUpdateRequest>): NetUpdateRequest => ({
  ...{ network: uuid, command: 'add', section: 'ip-dhcp-host', parentIndex: undefined, live: false, config: false },
  ...{ xml: "<host mac='52:54:00:00:00:03' ip='10.0.0.13'/>" },
  ...more,
});

const update = (more: Partial<NetUpdateRequest>, state = stateOf()) => planVirshUpdate(request(more), state);
const onlyLive = (): State => stateOf({ inactiveXml: xmlOf(''), inactive: parseNetwork(xmlOf('')) });

describe('net-update', () => {
  it.each([
    [{}, 0],
    [{ live: true }, 1],
    [{ config: true }, 2],
    [{ live: true, config: true }, 3],
  ])('passes the flags on: %j', (more, flags) => {
    expect(update(more).steps).toMatchObject([
      { do: { call: 'networkUpdate', command: 3, section: 4, parentIndex: -1, flags } },
    ]);
  });

  it('reverts an addition by a deletion, and a deletion by the whole entry', () => {
    expect(update({}).steps[0]?.undo).toMatchObject([{ command: 2, xml: request({}).xml }]);
    const { steps } = update({ command: 'delete', xml: "<host mac='52:54:00:00:00:02'/>" });
    expect(steps[0]?.undo).toMatchObject([
      { command: 3, xml: expect.stringMatching(/52:54:00:00:00:02.*two.*10\.0\.0\.12/) },
    ]);
  });

  it('does not revert an addition by deleting an earlier entry', () => {
    expect(update({ xml: "<host mac='52:54:00:00:00:02' name='two' ip='10.0.0.12'/>" }).steps[0]?.undo).toEqual([]);
  });

  it.each([
    [{ command: 'delete' as const, xml: "<host mac='52:54:00:00:00:01'/>" }, 1],
    [{ command: 'modify' as const, xml: "<host mac='52:54:00:00:00:01' name='one' ip='10.0.0.14'/>" }, 1],
    [{ command: 'add' as const, xml: "<host mac='52:54:00:00:00:01' name='one' ip='10.0.0.11'/>" }, 2],
  ])('changes the affected one of both scopes: %j', (more, flags) => {
    const { steps, warnings } = update({ ...more, live: true, config: true }, onlyLive());
    expect(steps).toMatchObject([{ do: { flags } }]);
    expect(warnings).toHaveLength(1);
  });

  it('leaves a change of neither scope to libvirt, which reports the error', () => {
    const { steps, warnings } = update({
      command: 'delete',
      xml: "<host mac='52:54:00:00:00:09'/>",
      live: true,
      config: true,
    });
    expect({ flags: steps[0]?.do, warnings }).toMatchObject({ flags: { flags: 3 }, warnings: [] });
  });

  it.each([
    "<host mac='52:54:00:00:00:02' ip='10.0.0.11'/>",
    "<host mac='52:54:00:00:00:01' name='two' ip='10.0.0.11'/>",
    "<host name='one' ip='10.0.0.12'/>",
  ])('refuses a modify that could mean two reservations: %s', (xml) => {
    expect(() => update({ command: 'modify', xml })).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringContaining('10.0.0.12 52:54:00:00:00:02 two'),
      }),
    );
  });

  it.each([
    ['an IPv6 address', "<host name='six' ip='fd00::10'/>", undefined, 1],
    ['an IPv4 address', "<host name='four' ip='10.0.0.20'/>", undefined, -1],
    ['a given index', "<host name='six' ip='fd00::10'/>", 0, 0],
  ])('finds the <ip> of %s', (_what, xml, parentIndex, expected) => {
    expect(update({ xml, parentIndex }).steps).toMatchObject([{ do: { parentIndex: expected } }]);
  });

  it('refuses control characters, also inside', () => {
    expect(() => update({ xml: "<host name='a&#10;b' ip='10.0.0.20'/>" })).toThrow(
      expect.objectContaining({ code: 'INPUT' }),
    );
    const xml = "<host ip='10.0.0.20'><hostname>a&#10;b</hostname></host>";
    expect(() => update({ section: 'dns-host', xml })).toThrow(expect.objectContaining({ code: 'INPUT' }));
  });
});

describe("virsh's life of a network", () => {
  const fresh = parseNetwork("<network><name>fresh</name><ip address='10.0.0.1' prefix='24'/></network>");
  const options = { uuid: '00000000-0000-4000-8000-000000000002', validate: false };

  it('refuses a start of what is active and a stop of what is not, as virsh fails there', () => {
    expect(() => planVirshStart(uuid, stateOf())).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => planVirshDestroy(uuid, stateOf({ active: false }))).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });

  it('does not create an active one: the undo of the failure would stop it', () => {
    expect(() => planVirshCreate(parseNetwork(xmlOf()), stateOf(), options)).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    expect(planVirshCreate(parseNetwork(xmlOf()), stateOf({ active: false }), options).steps).toHaveLength(1);
  });

  it('defines an overlapping one, with a warning', () => {
    const { steps, warnings } = planVirshDefine(fresh, stateOf(), options);
    expect(steps).toMatchObject([{ do: { call: 'networkDefine', xml: expect.stringContaining(options.uuid) } }]);
    expect(warnings.join()).toContain('10.0.0.0/24');
  });

  it('passes --validate on', () => {
    const plans = [planVirshDefine, planVirshCreate].map((plan) =>
      plan(fresh, stateOf(), { ...options, validate: true }),
    );
    expect(plans.map(({ steps }) => steps[0]?.do)).toMatchObject([{ validate: true }, { validate: true }]);
  });

  it('reports what happens to an active network that is undefined', () => {
    expect(planVirshUndefine(uuid, stateOf({ autostart: true })).warnings).toEqual([
      'network keen stays active until it stops; it is gone then, and does not start at boot any more, even if it is defined again',
    ]);
    expect(planVirshUndefine(uuid, stateOf({ active: false, autostart: true })).warnings).toEqual([]);
    expect(() => planVirshUndefine(uuid, stateOf({ persistent: false }))).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });
});

describe('a bridge over an interface', () => {
  const eth =
    "<interface type='ethernet' name='eth0'><start mode='onboot'/><mac address='52:54:00:00:00:01'/><protocol family='ipv4'><dhcp/></protocol></interface>";

  it('takes the addresses, and leaves the MAC with the port', () => {
    const bridge = bridgeOver(eth, 'br0', { delay: 3 });
    expect(bridge).toMatch(
      /^<interface type="bridge" name="br0">.*<protocol.*<bridge stp="on" delay="3">\s*<interface type="ethernet" name="eth0">\s*<mac /s,
    );
    expect(bridgeOver(eth, 'br0', undefined)).toContain('<bridge stp="off">');
  });

  it('gives them back', () => {
    const port = portOf(bridgeOver(eth, 'br0', { delay: 0 }));
    expect(port.name).toBe('eth0');
    expect(port.xml).toMatch(
      /^<interface type="ethernet" name="eth0"><start mode="onboot"\/><protocol.*<\/protocol><mac address="52:54:00:00:00:01"\/><\/interface>/s,
    );
  });

  it('is refused over a bridge, and taken away only from one port', () => {
    const bridge = bridgeOver(eth, 'br0', { delay: 0 });
    expect(() => bridgeOver(bridge, 'br1', undefined)).toThrow('br0 is already a bridge');
    expect(() => portOf(eth)).toThrow('eth0 is not a bridge');
    expect(() => portOf("<interface type='bridge' name='br0'><bridge/></interface>")).toThrow(
      'the bridge br0 has no port',
    );
    const two = bridge.replace('</bridge>', '<interface type="ethernet" name="eth1"/></bridge>');
    expect(() => portOf(two)).toThrow('the bridge br0 has several ports');
  });
});
