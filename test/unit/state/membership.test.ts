import { describe, expect, it } from '@jest/globals';
import { checkNetwork } from '../../../src/plan/network/check/network.ts';
import { freeBridgeName, withFreeBridge } from '../../../src/plan/network/free-subnet.ts';
import { planNetworkStart, planNetworkStop } from '../../../src/plan/network/lifecycle.ts';
import { planNetworkHeal } from '../../../src/plan/network/heal.ts';
import { planNetworkRestart } from '../../../src/plan/network/restart.ts';
import { usersOf } from '../../../src/state/network-user.ts';
import { networkProblems } from '../../../src/state/health.ts';
import { foreignPorts, strandedNics, strandedText, tapOf } from '../../../src/state/membership.ts';
import type { State } from '../../../src/state/state.ts';
import type { Link } from '../../../src/records/link.ts';
import { parseNetwork } from '../../../src/xml/network.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../plan/state.ts';

const uuid = 'abcdef12-0000-4000-8000-0000000000ff';
const mac = '52:54:00:00:00:01';

const nic = (source: string, type = 'network'): string =>
  `<interface type='${type}'><mac address='${mac}'/><source ${source}/><target dev='vnet0'/></interface>`;

const guest = (...nics: string[]) => {
  const xml = `<domain type='kvm'><name>vm1</name><uuid>11111111-1111-4111-8111-111111111112</uuid><devices>${nics.join('')}</devices></domain>`;
  return domainState(xml, xml);
};

/** The network `default` with the bridge virbr0, and a guest with one tap. */
function state(source: string, { type = 'network', ...tap }: Partial<Link> = {}, given: Partial<State> = {}): State {
  return stateWith({
    networks: [networkState(defaultNetwork)],
    domains: [guest(nic(source, type))],
    host: hostWith([link('virbr0', { kind: 'bridge' }), link('vnet0', { kind: 'tun', ...tap })]),
    ...given,
  });
}

/** Guests that have the name of the network's bridge in their live definition, but are not in the network. */
const strangers = [
  ['a NIC of a network that does not exist', "network='gone' portid='p1' bridge='virbr0'", 'network'],
  ['a NIC that names the bridge, and is no port of it', "bridge='virbr0'", 'bridge'],
] as const;

describe('a guest that a run of kvmnet left in the network in which guests wait', () => {
  const name = 'kvmnet-refuge10';
  const left = networkState(`<network><name>${name}</name><uuid>${uuid}</uuid><bridge name='${name}'/></network>`, {
    persistent: false,
  });
  const seen = (source: string, master: string) =>
    state(
      '',
      {},
      {
        domains: [domainState(definition("network='default'"), definition(source))],
        networks: [networkState(defaultNetwork), left],
        host: hostWith([
          link('virbr0', { kind: 'bridge' }),
          link(name, { kind: 'bridge' }),
          link('vnet0', { kind: 'tun', master }),
        ]),
      },
    );
  const definition = (source: string): string =>
    `<domain type='kvm'><name>vm1</name><uuid>11111111-1111-4111-8111-111111111112</uuid><devices>${nic(source)}</devices></domain>`;

  it('is named with the network of its configuration', () => {
    const waiting = seen(`network='${name}'`, name);
    expect(strandedNics(waiting)).toMatchObject([{ remedy: `kvmnet vm move vm1 ${mac} default` }]);
    expect(planNetworkHeal([], waiting, {}, uuid)).toMatchObject({
      steps: [],
      unmended: [expect.stringContaining(`kvmnet vm move vm1 ${mac} default`)],
    });
  });

  it('is not named once it is reattached: then that network is stopped', () => {
    const back = seen("network='default'", 'virbr0');
    expect(strandedNics(back)).toEqual([]);
    expect(planNetworkHeal([], back, {}, uuid).steps).toMatchObject([{ title: `stop network ${name}` }]);
  });
});

describe('a guest is in the network that its definition names', () => {
  it.each(strangers)('and not in one with the same bridge name: %s', (_what, source, type) => {
    const seen = state(source, { type });
    const [network = networkState(defaultNetwork)] = seen.networks;
    expect(networkProblems(network, seen, {})).toEqual([]);
    expect(usersOf(seen, network).filter(({ live }) => live)).toEqual([]);
    expect(planNetworkStop(['default'], seen).consent).toEqual([]);
    const restart = planNetworkRestart(['default'], seen, uuid);
    expect(restart.steps.map(({ do: action }) => action.call)).toEqual(['networkDestroy', 'networkStart']);
    expect(restart.consent).toEqual([]);
    const heal = planNetworkHeal([], seen, {}, uuid);
    expect(heal.steps).toEqual([]);
    expect(heal.unmended.join()).toContain(`kvmnet vm move vm1 ${mac} NETWORK`);
  });

  it.each(strangers)('also where its bridge has to be created again: %s', (_what, source, type) => {
    const seen = state(source, { type }, { host: hostWith([link('vnet0', { kind: 'tun' })]) });
    const { steps } = planNetworkHeal(['default'], seen, {}, uuid);
    expect(steps.map(({ do: action }) => action.call)).toEqual(['networkDestroy', 'networkStart']);
  });

  it('and a NIC that names the bridge is in the network while it is a port of it', () => {
    const seen = state("bridge='virbr0'", { type: 'bridge', master: 'virbr0' });
    expect(planNetworkRestart(['default'], seen, uuid).replugged).toHaveLength(1);
    expect(strandedNics(seen)).toEqual([]);
  });

  it('whose present bridge counts, not the one that the definition still names', () => {
    const seen = state("network='default' bridge='virbr7'", { master: 'virbr0' });
    const [network = networkState(defaultNetwork)] = seen.networks;
    expect(networkProblems(network, seen, {})).toEqual([]);
  });
});

describe('a NIC that is cut off, and that no network can take', () => {
  const idle = [networkState(defaultNetwork, { active: false })];
  const bridged = networkState(`<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`, {
    active: false,
  });

  it.each([
    ['does not exist', state("network='gone' bridge='virbr0'"), 'its network gone does not exist'],
    [
      'is not active',
      state("network='default' bridge='virbr0'", {}, { networks: idle }),
      'its network default is not active',
    ],
    ['is a bridge', state("bridge='virbr0'", { type: 'bridge' }), 'it names the bridge virbr0, not a network'],
    [
      'does not exist, by libvirt alone',
      state("network='gone'", {}, { host: undefined }),
      'its network gone does not exist',
    ],
  ])('whose network %s', (_what, seen, says) => {
    const [first, ...others] = strandedNics(seen);
    expect(others).toEqual([]);
    expect(first && strandedText(first)).toContain(`vm1: NIC ${mac} (vnet0) is cut off: ${says}`);
  });

  it.each([
    ['is connected', state("network='gone'", { master: 'br0' })],
    [
      'is on a bridge of the host',
      state("network='lan' bridge='br0'", { type: 'bridge', master: 'br0' }, { networks: [bridged] }),
    ],
    ['is a macvtap', state("network='gone' dev='eth0'", { type: 'direct' })],
    [
      "is libvirt's test driver's",
      state("network='gone'", {}, { connection: { ...stateWith().connection, hypervisor: 'TEST' } }),
    ],
  ])('and not one that %s', (_what, seen) => {
    expect(strandedNics(seen)).toEqual([]);
  });

  it('is named by the start of its network, with the command that reconnects it', () => {
    const seen = state("network='default' bridge='virbr0'", {}, { networks: idle });
    expect(planNetworkStart(['default'], seen).warnings.join()).toContain(
      `vm1: NIC ${mac} (vnet0) stays cut off from network default: kvmnet net heal default reconnects it`,
    );
  });

  it('is not reported by net heal of another network', () => {
    const other = defaultNetwork.replaceAll('virbr0', 'virbr1').replace('default', 'other').replace('c4a1', 'c4a2');
    const networks = [networkState(defaultNetwork), networkState(other)];
    const host = hostWith(['virbr0', 'virbr1'].map((name) => link(name, { kind: 'bridge' })));
    const seen = state("network='gone'", {}, { networks, host });
    expect(planNetworkHeal(['other'], seen, {}, uuid)).toMatchObject({ findings: [], unmended: [] });
  });
});

describe('a bridge name that a running guest still names', () => {
  const held = state("network='gone' bridge='virbr1'");
  const wanted = (name: string, bridge?: string) =>
    parseNetwork(`<network><name>${name}</name>${bridge === undefined ? '' : `<bridge name='${bridge}'/>`}</network>`);
  const found = (network: ReturnType<typeof wanted>, seen = held) =>
    checkNetwork(network, seen).filter(({ path }) => path === 'bridge.name');

  it('is not chosen, neither by kvmnet nor by libvirt', () => {
    expect(freeBridgeName(held)).toBe('virbr2');
    expect(withFreeBridge(wanted('new'), held).bridge?.name).toBe('virbr2');
    expect(withFreeBridge(wanted('new'), { ...held, domains: [] }).bridge?.name).toBeUndefined();
    expect(withFreeBridge(wanted('new', 'virbr9'), held).bridge?.name).toBe('virbr9');
  });

  it('is refused where it is asked for, but for the network that the guest is in', () => {
    expect(found(wanted('new', 'virbr1'))).toMatchObject([{ severity: 'error', code: 'CONFLICT' }]);
    expect(found(wanted('gone', 'virbr1'))).toEqual([]);
    const direct = state("bridge='virbr1'", { type: 'bridge' });
    expect(found(wanted('new', 'virbr1'), direct)).toMatchObject([{ severity: 'error' }]);
  });

  it('is a warning for a network that has the name already', () => {
    const seen = state("network='gone' bridge='virbr0'");
    expect(found(parseNetwork(defaultNetwork), seen)).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('a tap', () => {
  const [domain] = state("network='default'").domains;
  const [nicOf] = domain?.domain.interfaces ?? [];

  it.each([
    ['with the MAC address of the NIC but for the first byte', { mac: 'fe:54:00:00:00:01' }, 'vnet0'],
    ['whose MAC address is out of sight', {}, 'vnet0'],
    ['of another NIC that got its name', { mac: 'fe:54:00:00:00:99' }, undefined],
    ['that is the end of a container, with any MAC address', { kind: 'veth', mac: 'aa:bb:cc:00:00:99' }, 'vnet0'],
  ])('%s', (_what, given, name) => {
    const host = hostWith([link('vnet0', { kind: 'tun', ...given })]);
    expect(nicOf && tapOf(nicOf, host)?.name).toBe(name);
  });

  it('of a guest of another network, or of none that runs, is a port of others on a bridge', () => {
    const network = networkState(defaultNetwork);
    const ports = (seen: State) => foreignPorts(seen, network);
    expect(ports(state("network='default'", { master: 'virbr0' }))).toEqual([]);
    expect(ports(state("network='other'", { master: 'virbr0' }))).toEqual(['vnet0']);
    const off = domainState(
      `<domain type='kvm'><name>off</name><devices>${nic("network='default'")}</devices></domain>`,
    );
    expect(ports(state('', { master: 'virbr0' }, { domains: [off] }))).toEqual(['vnet0']);
  });
});
