/** Hosts between whose ends paths are found. */
import type { Link } from '../../../../src/records/link.ts';
import type { DomainState, NetworkState } from '../../../../src/state/state.ts';
import { findPath } from '../../../../src/topology/path/find-path.ts';
import type { PathFacts } from '../../../../src/topology/path/ground.ts';
import type { Path, PathRequest } from '../../../../src/topology/path/path.ts';
import { domainState, hostWith, ipv4, link, networkState, route, stateWith } from '../../plan/state.ts';

export const mac = (number: number): string => `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`;

export const facts: PathFacts = {
  ...{ now: 1_700_000_000, neighbors: [], nat: { forwards: [], sources: [] }, packets: undefined },
};

interface NicOptions {
  /** `network=default`, `bridge=br0`, `dev=eno1` */
  readonly source: string;
  readonly tap?: string;
  readonly mac: string;
  /** Further elements. */
  readonly more?: string;
}

function nicXml({ source, tap, mac: address, more = '' }: NicOptions): string {
  const [kind = '', name = ''] = source.split('=');
  const target = tap === undefined ? '' : `<target dev='${tap}'/>`;
  return `<interface type='${kind === 'dev' ? 'direct' : kind}'><mac address='${address}'/><source ${kind}='${name}'/>${target}${more}</interface>`;
}

export function guest(name: string, nics: readonly NicOptions[], isRunning = true): DomainState {
  const xml = (own: readonly NicOptions[]): string =>
    `<domain type='kvm'><name>${name}</name><devices>${own.map(nicXml).join('')}</devices></domain>`;
  const config = xml(nics.map(({ tap: _tap, ...nic }) => nic));
  return { ...domainState(config, isRunning ? xml(nics) : undefined), uuid: `uuid of ${name}` };
}

export function tap(name: string, master: string, number: number, given: Partial<Link> = {}): Link {
  return link(name, { kind: 'tun', master, mac: `fe${mac(number).slice(2)}`, port: port(), ...given });
}

export function port(given: Partial<NonNullable<Link['port']>> = {}): NonNullable<Link['port']> {
  return { state: 'forwarding', cost: 100, priority: 32, hairpin: false, isolated: false, guard: false, ...given };
}

export function bridge(name: string, given: Partial<Link> = {}): Link {
  return link(name, { kind: 'bridge', ...given });
}

/** A network with the bridge `virbrN` in 10.0.N.0/24. */
function network(name: string, number: number, forward: string, given: Partial<NetworkState> = {}): NetworkState {
  const mode = forward === '' ? '' : `<forward mode='${forward}'/>`;
  return networkState(
    `<network><name>${name}</name>${mode}<bridge name='virbr${String(number)}'/><ip address='10.0.${String(number)}.1' prefix='24'/></network>`,
    { uuid: `uuid of ${name}`, ...given },
  );
}

const networkBridge = (number: number, given: Partial<Link> = {}): Link =>
  bridge(`virbr${String(number)}`, { addresses: [ipv4(`10.0.${String(number)}.1`, 24)], ...given });

const vlan = (id: number): readonly Link[] => [
  link(`eno1.${String(id)}`, {
    ...{ kind: 'vlan', parent: 'eno1', master: `brvlan-${String(id)}`, port: port() },
    vlan: { id, protocol: '802.1Q' },
  }),
  bridge(`brvlan-${String(id)}`),
];

/** The first host of the experiment with two hosts: VM1 in VLAN 10, VM2 and VM3 in VLAN 20, all in 192.168.100.0/24. */
export const vlans = stateWith({
  host: hostWith([
    link('eno1'),
    ...vlan(10),
    ...vlan(20),
    tap('vnet0', 'brvlan-10', 1),
    tap('vnet1', 'brvlan-20', 2),
    tap('vnet2', 'brvlan-20', 3),
  ]),
  domains: [
    guest('VM1', [{ source: 'bridge=brvlan-10', tap: 'vnet0', mac: mac(1) }]),
    guest('VM2', [{ source: 'bridge=brvlan-20', tap: 'vnet1', mac: mac(2) }]),
    guest('VM3', [{ source: 'bridge=brvlan-20', tap: 'vnet2', mac: mac(3) }]),
  ],
});

const kinds = { nat: 'nat', route: 'route', open: 'open', isolated: '' } as const;

const modes = ['nat', 'nat', 'route', 'route', 'open', 'isolated', 'isolated'] as const;

/** A host with two networks of most modes, a guest in each, and a NIC eth0 to the outside: VM0 and VM1 are in nat0 and nat1, and so on. */
export const networks = stateWith({
  host: hostWith(
    [
      link('eth0', { addresses: [ipv4('192.0.2.5', 24)] }),
      ...modes.map((_, index) => networkBridge(index)),
      ...modes.map((_, index) => tap(`vnet${String(index)}`, `virbr${String(index)}`, index + 1)),
    ],
    [
      route('0.0.0.0/0', 'eth0', { gateway: '192.0.2.1' }),
      route('192.0.2.0/24', 'eth0'),
      ...modes.map((_, index) => route(`10.0.${String(index)}.0/24`, `virbr${String(index)}`)),
    ],
  ),
  networks: modes.map((mode, index) => network(`${mode}${String(index)}`, index, kinds[mode])),
  domains: modes.map((mode, index) =>
    guest(`VM${String(index)}`, [
      { source: `network=${mode}${String(index)}`, tap: `vnet${String(index)}`, mac: mac(index + 1) },
    ]),
  ),
});

export function pathOn(
  state: Parameters<typeof findPath>[1],
  from: string,
  to?: string,
  given: Partial<PathFacts> & Pick<PathRequest, 'port'> = {},
): Path {
  const { port: wanted, ...more } = given as Partial<PathFacts> & PathRequest;
  return findPath({ from, to, port: wanted }, state, { ...facts, ...more });
}

/** `tap vnet0`, `cable cable of eno1 VLAN 10` */
export function hopTexts({ hops }: Path): readonly string[] {
  return hops.map(({ kind, name, vlan: id, problem }) =>
    [kind, name, ...(id === undefined ? [] : [`VLAN ${String(id)}`]), ...(problem === undefined ? [] : ['!'])].join(
      ' ',
    ),
  );
}
