import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sectionChanges } from '../../../../src/plan/network/section.ts';
import { planNetworkChange, type ChangePlan } from '../../../../src/plan/network/change.ts';
import { wantedNetwork } from '../../../../src/plan/network/desired.ts';
import type { NetworkState, State } from '../../../../src/state/state.ts';
import { sameNetwork } from '../../../../src/xml/meaning.ts';
import { parseNetwork } from '../../../../src/xml/network.ts';
import { networkValues, type TypedNetwork } from '../typed-options.ts';
import { defaultNetwork, domainState, hostWith, ipv4, link, networkState, stateWith } from '../state.ts';

const rich = `<network>
  <name>rich</name>
  <uuid>c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0f</uuid>
  <metadata><x:y xmlns:x="urn:x">kept</x:y></metadata>
  <forward mode="nat"><nat><port start="2000" end="3000"/></nat></forward>
  <bridge name="virbr9" stp="off" delay="0"/>
  <mac address="52:54:00:0a:cd:22"/>
  <domain name="a.example"/>
  <dns>
    <forwarder addr="192.0.2.53"/>
    <txt name="t" value="v"/>
    <host ip="192.168.132.3"><hostname>one</hostname><hostname>two</hostname></host>
    <host ip="192.168.132.4"><hostname>three</hostname></host>
  </dns>
  <ip address="192.168.132.1" netmask="255.255.255.0">
    <dhcp>
      <range start="192.168.132.100" end="192.168.132.200"><lease expiry="1" unit="hours"/></range>
      <host mac="52:54:00:00:00:01" name="vm1" ip="192.168.132.11"><lease expiry="2" unit="hours"/></host>
      <host mac="52:54:00:00:00:02" ip="192.168.132.12"/>
    </dhcp>
  </ip>
  <ip family="ipv6" address="fd00:1::1" prefix="64"/>
  <portgroup name="p"/>
</network>`;

const uuid = '00000000-0000-4000-8000-0000000000ff';

function plan(
  options: TypedNetwork,
  network: NetworkState = networkState(rich),
  more: Partial<State> = {},
  configOnly = false,
): ChangePlan {
  const state = stateWith({ networks: [network], ...more });
  const wanted = wantedNetwork(network, networkValues(options), state, '0123456789');
  return planNetworkChange({ network, wanted, configOnly, uuid }, state);
}

const calls = ({ steps }: ChangePlan): string[] => steps.map(({ do: action }) => action.call);
const updates = ({ steps }: ChangePlan): string[] =>
  steps.map(({ do: action }) =>
    action.call === 'networkUpdate'
      ? [action.command, action.section, action.parentIndex, action.flags, action.xml].join(' ')
      : action.call,
  );

const guest = `<domain type='kvm'><name>vm1</name><uuid>11111111-1111-4111-8111-111111111112</uuid><devices>
  <interface type='network'><mac address='52:54:00:00:00:01'/><source network='rich' portid='x' bridge='virbr9'/><target dev='vnet0'/></interface>
</devices></domain>`;

const running: Partial<State> = {
  domains: [domainState(guest, guest)],
  host: hostWith([
    link('virbr9', { kind: 'bridge', addresses: [ipv4('192.168.132.1', 24)] }),
    link('vnet0', { kind: 'tun', master: 'virbr9' }),
  ]),
};

describe('net set', () => {
  it.each([
    ['no option', {}],
    ['the kind and subnet that it has', { nat: '192.168.132.0/24' }],
    ['auto, where it has a subnet', { nat: 'auto', ipv6: 'auto' }],
    ['its gateway', { gateway: '192.168.132.1' }],
    ['its ranges', { dhcp: ['192.168.132.100-192.168.132.200'], lease: '1h' }],
    ['a reservation that is there', { reserve: ['52:54:00:00:00:01=192.168.132.11,vm1'] }],
    ['the same without the name', { reserve: ['52:54:00:00:00:01=192.168.132.11'] }],
    ['its DNS entries and forwarders', { dns: ['two=192.168.132.3'], forwarder: ['192.0.2.53'] }],
    ['its portgroup', { portgroup: ['p'] }],
    [
      'its bridge, domain, ports and MAC address',
      { bridgeName: 'virbr9', domain: 'a.example', natPorts: '2000-3000', mac: '52:54:00:0a:cd:22', stp: false },
    ],
  ] satisfies readonly (readonly [string, TypedNetwork])[])('has nothing to do for %s', (_what, options) => {
    expect(plan(options)).toMatchObject({ steps: [], changes: [], consent: [] });
  });

  it('leaves what is not named as it is, unknown XML too', () => {
    fc.assert(
      fc.property(fc.constantFrom(rich, defaultNetwork), fc.boolean(), (xml, active) => {
        const network = networkState(xml, { active });
        const wanted = wantedNetwork(network, {}, stateWith({ networks: [network] }), '0123456789');
        expect(wanted.config && sameNetwork(wanted.config, network.network)).toBe(true);
        expect(wanted.live === undefined).toBe(!active);
      }),
    );
    const { steps } = plan({ mtu: '1400' });
    expect(JSON.stringify(steps[0]?.do)).toContain('kept');
  });

  it('adds to both definitions at once, in the element of the right family', () => {
    const both = plan({
      reserve: ['52:54:00:00:00:03=192.168.132.13', '00:03:00:01:52:54:00:00:00:03=fd00:1::13'],
      dhcp: ['fd00:1::100-fd00:1::1ff'],
    });
    expect(updates(both)).toEqual([
      '3 4 0 3 <host mac="52:54:00:00:00:03" ip="192.168.132.13"/>',
      '3 4 1 3 <host id="00:03:00:01:52:54:00:00:00:03" ip="fd00:1::13"/>',
      '3 5 1 3 <range start="fd00:1::100" end="fd00:1::1ff"/>',
    ]);
    expect(both.changes.map(({ when }) => when)).toEqual(['live', 'live', 'live']);
  });

  it('deletes before it adds, and finds a DNS entry by its address alone', () => {
    const moved = plan({ reserve: ['52:54:00:00:00:02=192.168.132.22'], dns: ['four=192.168.132.4'] });
    expect(updates(moved)).toEqual([
      '2 4 0 3 <host mac="52:54:00:00:00:02" ip="192.168.132.12"/>',
      '2 10 -1 3 <host ip="192.168.132.4"/>',
      '3 4 0 3 <host mac="52:54:00:00:00:02" ip="192.168.132.22"/>',
      expect.stringMatching(
        /^3 10 -1 3 <host ip="192.168.132.4">\s*<hostname>three<\/hostname>\s*<hostname>four<\/hostname>/,
      ),
    ]);
    const [first] = moved.steps;
    expect(first?.undo).toEqual([{ ...first?.do, command: 3 }]);
  });

  it('lets two guests swap their addresses, and refuses an address of a third', () => {
    const swapped = plan({ reserve: ['52:54:00:00:00:01=192.168.132.12', '52:54:00:00:00:02=192.168.132.11'] });
    expect(calls(swapped)).toEqual(['networkUpdate', 'networkUpdate', 'networkUpdate', 'networkUpdate']);
    expect(() => plan({ reserve: ['52:54:00:00:00:09=192.168.132.11'] })).toThrow(
      '192.168.132.11 is reserved for vm1, 52:54:00:00:00:01',
    );
  });

  it('updates each definition by what it lacks, where they differ already', () => {
    const config = rich.replace('<domain name="a.example"/>', '<domain name="b.example"/>');
    const network = networkState(rich, { inactiveXml: config, inactive: parseNetwork(config) });
    const drifted = plan({ reserve: ['52:54:00:00:00:03=192.168.132.13'] }, network);
    expect(updates(drifted)).toEqual(['3 4 0 3 <host mac="52:54:00:00:00:03" ip="192.168.132.13"/>']);
    const half = config.replace(
      '<host mac="52:54:00:00:00:02" ip="192.168.132.12"/>',
      '$&<host mac="52:54:00:00:00:03" ip="192.168.132.13"/>',
    );
    const other = networkState(rich, { inactiveXml: half, inactive: parseNetwork(half) });
    expect(updates(plan({ reserve: ['52:54:00:00:00:03=192.168.132.13'] }, other))).toEqual([
      '3 4 0 1 <host mac="52:54:00:00:00:03" ip="192.168.132.13"/>',
    ]);
  });

  it('redefines and restarts for what no section reaches, with the guests named, and undoes by the old definition', () => {
    const restarted = plan({ mtu: '1400', dhcp: ['192.168.132.50-192.168.132.99'] }, networkState(rich), running);
    expect(calls(restarted)).toEqual([
      'networkDefine',
      'networkCreate',
      'domainUpdateDevice',
      'networkDestroy',
      'networkStart',
      'domainUpdateDevice',
      'networkDestroy',
    ]);
    expect(restarted.consent).toEqual([
      'restarting network rich cuts off vm1: NIC 52:54:00:00:00:01 (vnet0) for about 1 s',
    ]);
    expect(restarted.changes.map(({ when, cost }) => `${when} ${cost ?? ''}`)).toEqual(
      Array(3).fill('restart 1 guest, about 1 s'),
    );
    expect(restarted.warnings).toContain('the new MTU reaches vm1 at the next boot');
    const stop = restarted.steps[3];
    expect(stop?.undo.map(({ call }) => call)).toEqual(['networkDefine', 'networkStart']);
    expect(stop?.undo[0]).toEqual({ call: 'networkDefine', xml: rich });
  });

  it('makes guests see their link go down if the subnet changes, and names the reservations that are lost', () => {
    const moved = plan({ nat: '192.168.140.0/24' }, networkState(rich), running);
    const sent = moved.steps.flatMap(({ do: action, pause }) =>
      action.call === 'domainUpdateDevice' ? [[/<link state="(\w+)"/.exec(action.xml)?.[1], pause]] : [],
    );
    expect(sent).toEqual([
      [undefined, undefined],
      ['down', 1500],
      ['up', undefined],
    ]);
    expect(moved.warnings.join()).toContain('52:54:00:00:00:01 192.168.132.11');
  });

  it('changes the kind alone, and keeps gateway, ranges and reservations', () => {
    const { steps } = plan({ route: '192.168.132.0/24' });
    const xml = steps[0]?.do.call === 'networkDefine' ? steps[0].do.xml : '';
    const made = parseNetwork(xml);
    expect(made.forward?.mode).toBe('route');
    expect(made.forward?.nat).toBeUndefined();
    expect(sameNetwork({ name: '', ips: made.ips }, { name: '', ips: parseNetwork(rich).ips })).toBe(true);
  });

  it('keeps the ranges when the gateway is another one outside of them', () => {
    const { steps } = plan({ gateway: '192.168.132.254' });
    const xml = steps[0]?.do.call === 'networkDefine' ? steps[0].do.xml : '';
    expect(parseNetwork(xml).ips[0]).toMatchObject({
      address: '192.168.132.254',
      dhcp: { ranges: [{ start: '192.168.132.100', end: '192.168.132.200' }] },
    });
  });

  it('only defines where the network is not active, or with --config', () => {
    const idle = plan({ mtu: '1400' }, networkState(rich, { active: false }), running);
    expect(calls(idle)).toEqual(['networkDefine']);
    expect(idle.changes).toEqual([{ what: 'mtu: none -> size 1400', when: 'at the next start' }]);
    expect(calls(plan({ mtu: '1400' }, networkState(rich), running, true))).toEqual(['networkDefine']);
  });

  it('makes a transient network from its new definition, and refuses --config for it', () => {
    const transient = networkState(rich, {
      persistent: false,
      autostart: false,
      inactive: undefined,
      inactiveXml: undefined,
    });
    expect(calls(plan({ mtu: '1400' }, transient))).toEqual(['networkDestroy', 'networkCreate']);
    expect(() => plan({ mtu: '1400' }, transient, {}, true)).toThrow('is transient');
  });

  it('reports a title as a change of the configuration, and restarts nothing for it', () => {
    const { changes, steps } = plan({ title: 'Lab' }, networkState(rich), {
      ...running,
      connection: { ...stateWith().connection, libvirtVersion: 9_007_000 },
    });
    expect(steps.map(({ do: action }) => action.call)).toEqual(['networkDefine']);
    expect(changes).toEqual([{ what: 'title: none -> Lab', when: 'configuration only' }]);
  });

  it('refuses guests that could not follow', () => {
    expect(() =>
      plan({ macvtap: 'eth0' }, networkState(rich), {
        ...running,
        host: hostWith([...(running.host?.links ?? []), link('eth0')]),
      }),
    ).toThrow('vm1: NIC 52:54:00:00:00:01 (vnet0) cannot move to macvtap');
  });
});

describe('the sections of a network', () => {
  const from = parseNetwork(rich);

  it('do not include DHCPv6 that only a reservation keeps alive, nor entries that libvirt could confuse', () => {
    const to = parseNetwork(
      rich.replace(
        'prefix="64"/>',
        'prefix="64"><dhcp><host id="00:03:00:01:52:54:00:00:00:03" ip="fd00:1::13"/></dhcp></ip>',
      ),
    );
    expect(sectionChanges(from, to)).toBeUndefined();
    const twice = parseNetwork(rich.replace('name="t" value="v"/>', 'name="t" value="v"/><txt name="t" value="w"/>'));
    expect(sectionChanges(twice, from)).toBeUndefined();
  });

  it('take no notice of the order of entries', () => {
    const swapped = rich.replace(
      /(<host mac="52:54:00:00:00:01".*?<\/host>)\s*(<host mac="52:54:00:00:00:02".*?\/>)/s,
      '$2$1',
    );
    expect(swapped).not.toBe(rich);
    expect(sectionChanges(from, parseNetwork(swapped))).toEqual([]);
  });
});
