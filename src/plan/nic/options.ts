/** The options of `vm attach` -> the definition of a NIC. */
import { KvmnetError } from '../../errors.ts';
import { suggestion } from '../../values/nearest.ts';
import { nicsOf } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { InterfaceInput } from '../../xml/interface.ts';
import { isLinuxBridge, isMacvtap, type NicSource } from './source.ts';
import { invalid } from '../../values/invalid.ts';
import { hasRelease, needs } from '../../state/libvirt-version.ts';

/** The settings of a new NIC; what is absent is chosen, or left to libvirt. */
export interface NicOptions {
  readonly model?: string | undefined;
  /** As parseNicMac gives it. */
  readonly mac?: string | undefined;
  readonly portgroup?: string | undefined;
  readonly vlan?: number | undefined;
  readonly mtu?: number | undefined;
  /** Kilobytes a second, from the guest's view: what it receives, and what it sends. */
  readonly in?: number | undefined;
  readonly out?: number | undefined;
  readonly filter?: string | undefined;
  readonly isolated?: boolean | undefined;
  readonly link?: LinkState | undefined;
  readonly alias?: string | undefined;
}

export interface NicRequest {
  readonly domain: DomainState;
  readonly source: NicSource;
  readonly options: NicOptions;
  readonly mac: string;
  /** The tag that libvirt is to give it. */
  readonly vlan?: number | undefined;
  /** The models that the emulator has; undefined where it was not asked. */
  readonly models?: readonly string[] | undefined;
}

/** Throws INPUT for a model that a container cannot have, NOTFOUND for a portgroup that does not exist, DEPENDENCY for what libvirt or the source cannot do. */
export function nicFromOptions(request: NicRequest, state: State): InterfaceInput {
  const { domain, source, options, mac, vlan } = request;
  const model = modelOf(request, state.connection.hypervisor);
  const { mtu, alias, filter, link } = options;
  return {
    mac: { address: mac },
    ...connectionTo(source, options.portgroup),
    ...(model === undefined ? {} : { model: { type: model } }),
    ...(filter === undefined ? {} : { filterref: { filter: requireFilter(filter, source, state) } }),
    ...(link === undefined ? {} : { link: { state: link } }),
    ...(mtu === undefined ? {} : { mtu: { size: requireMtu(mtu, source) } }),
    ...(vlan === undefined ? {} : { vlan: { tags: [{ id: vlan }] } }),
    ...(options.isolated === true ? { port: { isolated: requireIsolation(source, state) } } : {}),
    ...bandwidthOf(options),
    ...(alias === undefined ? {} : { alias: { name: requireFreeAlias(alias, domain) } }),
  };
}

export type LinkState = 'up' | 'down';

/** Throws INPUT. */
export function parseLinkState(value: string, origin: string): LinkState {
  if (value === 'up' || value === 'down') return value;
  throw invalid(origin, value, 'a link is up or down', 'down');
}

/** The fields of a NIC that define its source. */
export type NicConnection = Pick<InterfaceInput, 'type' | 'source' | 'virtualport'>;

/** Returns the fields of a NIC that is attached to `source`. @throws NOTFOUND for a portgroup that the network lacks, USAGE if a source cannot have any */
export function connectionTo(source: NicSource, portgroup?: string): NicConnection {
  if (source.type === 'network') {
    const group = portgroup === undefined ? {} : { portgroup: requirePortgroup(portgroup, source) };
    return { type: 'network', source: { network: source.name, ...group }, virtualport: undefined };
  }
  requireNoPortgroup(portgroup, source);
  if (source.type === 'bridge') {
    const virtualport = source.openVswitch ? ({ type: 'openvswitch' } as const) : undefined;
    return { type: 'bridge', source: { bridge: source.name }, virtualport };
  }
  // libvirt's own default, vepa, needs a switch that sends frames back.
  return { type: 'direct', source: { dev: source.name, mode: 'bridge' }, virtualport: undefined };
}

/** virtio, where libvirt would choose rtl8139; and none for containers and the test driver, which emulate nothing. */
function modelOf({ domain, options, models }: NicRequest, hypervisor: string): string | undefined {
  const wanted = options.model;
  const emulates = hypervisor !== 'LXC' && domain.domain.type !== 'lxc';
  if (wanted === undefined) return emulates && hypervisor !== 'TEST' ? 'virtio' : undefined;
  if (!emulates) {
    throw new KvmnetError('INPUT', `--model ${wanted}: ${domain.name} is a container, whose NICs have no model`, {
      hint: 'leave out --model',
    });
  }
  if (models?.includes(wanted) !== false) return wanted;
  throw new KvmnetError('NOTFOUND', `--model ${wanted}: the emulator of ${domain.name} has no such NIC`, {
    hint: suggestion(wanted, models, `it has ${models.join(', ')}`),
  });
}

function requireFreeAlias(alias: string, domain: DomainState): string {
  const holder = nicsOf(domain).find(({ live, config }) => [live, config].some((nic) => nic?.alias?.name === alias));
  if (!holder) return alias;
  throw new KvmnetError('CONFLICT', `--alias ${alias} is taken by NIC ${String(holder.index)} of ${domain.name}`, {
    hint: 'choose another one',
  });
}

/** Frames that leave through macvtap pass no bridge. libvirt itself looks up the filter when the NIC is attached: at the next boot. */
function requireFilter(filter: string, source: NicSource, { filters }: State): string {
  if (filters?.includes(filter) === false) {
    throw new KvmnetError('NOTFOUND', `no network filter ${JSON.stringify(filter)}`, {
      hint: suggestion(filter, filters, 'kvmnet nwfilter-list shows all filters'),
    });
  }
  if (!isMacvtap(source)) return filter;
  throw new KvmnetError('DEPENDENCY', `--filter cannot be used with ${source.name}: libvirt filters no macvtap`, {
    hint: 'leave it out, or attach to a bridge',
  });
}

function requireMtu(mtu: number, source: NicSource): number {
  if (!isMacvtap(source)) return mtu;
  throw new KvmnetError('DEPENDENCY', `--mtu cannot be used with ${source.name}: a macvtap has the MTU of its NIC`, {
    hint: 'leave it out, and give the NIC of the host that MTU',
  });
}

function requirePortgroup(wanted: string, { network, name }: Extract<NicSource, { type: 'network' }>): string {
  const names = network.network.portgroups.map((portgroup) => portgroup.name);
  if (names.includes(wanted)) return wanted;
  throw new KvmnetError('NOTFOUND', `network ${name} has no portgroup ${wanted}`, {
    hint: suggestion(wanted, names, names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'),
  });
}

function requireNoPortgroup(portgroup: string | undefined, { name }: NicSource): void {
  if (portgroup === undefined) return;
  throw new KvmnetError(
    'USAGE',
    `--portgroup ${portgroup} cannot be used with ${name}: only networks have portgroups`,
    {
      hint: 'leave it out',
    },
  );
}

function requireIsolation(source: NicSource, state: State): true {
  if (isLinuxBridge(source) && hasRelease(state, [6, 1])) return true;
  const reason = isLinuxBridge(source)
    ? needs('--isolated', [6, 1], state)
    : `--isolated cannot be used with ${source.name}: only ports of Linux bridges can be isolated`;
  throw new KvmnetError('DEPENDENCY', reason, { hint: 'leave it out' });
}

/** libvirt counts from the guest's view too, for domain interfaces: inbound is what the guest receives. */
function bandwidthOf(options: NicOptions): Pick<InterfaceInput, 'bandwidth'> {
  if (options.in === undefined && options.out === undefined) return {};
  return {
    bandwidth: {
      ...(options.in === undefined ? {} : { inbound: { average: options.in } }),
      ...(options.out === undefined ? {} : { outbound: { average: options.out } }),
    },
  };
}
