/** The options of `vm attach` -> the definition of a NIC. */
import { KvmnetError } from '../errors.ts';
import { suggestion } from '../state/nearest.ts';
import type { DomainState, State } from '../state/state.ts';
import type { InterfaceInput } from '../xml/interface.ts';
import { isOpenVswitch } from './network-kind.ts';
import { isLinuxBridge, type NicSource } from './nic-source.ts';
import { invalid, invalidWithHint } from './values/invalid.ts';
import { parsePortgroupName } from './values/name.ts';
import { parseMtu, parseVlan } from './values/number.ts';
import { parseRate } from './values/rate.ts';
import { hasRelease, needs } from './version.ts';

/** As they were typed; what was not given is absent. */
export interface NicOptions {
  readonly model?: string | undefined;
  readonly mac?: string | undefined;
  readonly portgroup?: string | undefined;
  readonly vlan?: string | undefined;
  readonly mtu?: string | undefined;
  /** Rates from the guest's view: what it receives, and what it sends. */
  readonly in?: string | undefined;
  readonly out?: string | undefined;
  readonly filter?: string | undefined;
  readonly isolated?: boolean | undefined;
  readonly link?: string | undefined;
  readonly alias?: string | undefined;
}

export interface NicRequest {
  readonly domain: DomainState;
  readonly source: NicSource;
  readonly options: NicOptions;
  readonly mac: string;
}

/** Throws INPUT for invalid values, NOTFOUND for a portgroup that is not there, DEPENDENCY for what libvirt or the source cannot do. */
export function nicFromOptions({ domain, source, options, mac }: NicRequest, state: State): InterfaceInput {
  const model = modelOf(domain, options.model, state.connection.hypervisor);
  const { mtu, vlan, alias, filter, link } = options;
  return {
    type: source.type,
    mac: { address: mac },
    source: sourceElement(source, options.portgroup),
    ...(source.type === 'bridge' && source.openVswitch ? { virtualport: { type: 'openvswitch' } } : {}),
    ...(model === undefined ? {} : { model: { type: model } }),
    ...(filter === undefined ? {} : { filterref: { filter: requireWord(filter, '--filter', 'clean-traffic') } }),
    ...(link === undefined ? {} : { link: { state: parseLinkState(link, '--link') } }),
    ...(mtu === undefined ? {} : { mtu: { size: parseMtu(mtu) } }),
    ...(vlan === undefined ? {} : { vlan: { tags: [{ id: requireVlan(vlan, source, state) }] } }),
    ...(options.isolated === true ? { port: { isolated: requireIsolation(source, state) } } : {}),
    ...bandwidthOf(options),
    ...(alias === undefined ? {} : { alias: { name: parseAlias(alias) } }),
  };
}

/** `up` or `down`. Throws INPUT. */
export function parseLinkState(value: string, origin: string): 'up' | 'down' {
  if (value === 'up' || value === 'down') return value;
  throw invalid(origin, value, 'a link is up or down', 'down');
}

/** The `<source>` of a NIC that is plugged in there. */
export function sourceElement(source: NicSource, portgroup?: string): NonNullable<InterfaceInput['source']> {
  switch (source.type) {
    case 'network':
      return {
        network: source.name,
        ...(portgroup === undefined ? {} : { portgroup: requirePortgroup(portgroup, source) }),
      };
    case 'bridge':
      requireNoPortgroup(portgroup, source);
      return { bridge: source.name };
    case 'direct':
      requireNoPortgroup(portgroup, source);
      // libvirt's own default, vepa, needs a switch that sends frames back.
      return { dev: source.name, mode: 'bridge' };
  }
}

/** virtio, where libvirt would choose rtl8139; and none for containers and the test driver, which emulate nothing. */
function modelOf(domain: DomainState, wanted: string | undefined, hypervisor: string): string | undefined {
  const emulates = hypervisor !== 'LXC' && domain.domain.type !== 'lxc';
  if (wanted === undefined) return emulates && hypervisor !== 'TEST' ? 'virtio' : undefined;
  if (!emulates) {
    throw new KvmnetError('INPUT', `--model ${wanted}: ${domain.name} is a container, whose NICs have no model`, {
      hint: 'leave out --model',
    });
  }
  return requireWord(wanted, '--model', 'virtio');
}

function requireWord(value: string, origin: string, example: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return value;
  throw invalid(origin, value, 'it has only letters, digits, ".", "_" and "-"', example);
}

function parseAlias(value: string): string {
  if (/^ua-[A-Za-z0-9_-]{1,61}$/.test(value)) return value;
  throw invalidWithHint(
    '--alias',
    value,
    'aliases of users begin with ua-, and have only letters, digits, _ and -',
    `for example --alias ua-lan`,
  );
}

function requirePortgroup(value: string, { network, name }: Extract<NicSource, { type: 'network' }>): string {
  const wanted = parsePortgroupName(value);
  const names = network.network.portgroups.map((portgroup) => portgroup.name);
  if (names.includes(wanted)) return wanted;
  throw new KvmnetError('NOTFOUND', `network ${name} has no portgroup ${wanted}`, {
    hint: suggestion(wanted, names, names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'),
  });
}

function requireNoPortgroup(portgroup: string | undefined, { name }: NicSource): void {
  if (portgroup === undefined) return;
  throw new KvmnetError('USAGE', `--portgroup ${portgroup} does not go with ${name}: only networks have portgroups`, {
    hint: 'leave it out',
  });
}

/** VLAN tags need Open vSwitch, or libvirt 11 on a Linux bridge; macvtap has none. */
function requireVlan(value: string, source: NicSource, state: State): number {
  const id = parseVlan(value);
  const openVswitch =
    source.type === 'bridge' ? source.openVswitch : source.type === 'network' && isOpenVswitch(source.network.network);
  if (openVswitch || (isLinuxBridge(source) && hasRelease(state, [11, 0]))) return id;
  throw new KvmnetError(
    'DEPENDENCY',
    isLinuxBridge(source)
      ? needs(`--vlan on the Linux bridge of ${source.name}`, [11, 0], state)
      : `--vlan does not go with ${source.name}`,
    { hint: `plug it into a bridge of its VLAN instead: one with the VLAN device of ID ${String(id)} as its port` },
  );
}

function requireIsolation(source: NicSource, state: State): true {
  if (isLinuxBridge(source) && hasRelease(state, [6, 1])) return true;
  const reason = isLinuxBridge(source)
    ? needs('--isolated', [6, 1], state)
    : `--isolated does not go with ${source.name}: only ports of Linux bridges can be isolated`;
  throw new KvmnetError('DEPENDENCY', reason, { hint: 'leave it out' });
}

/** libvirt counts from the guest's view too, for domain interfaces: inbound is what the guest receives. */
function bandwidthOf(options: NicOptions): Pick<InterfaceInput, 'bandwidth'> {
  if (options.in === undefined && options.out === undefined) return {};
  return {
    bandwidth: {
      ...(options.in === undefined ? {} : { inbound: { average: parseRate(options.in, '--in') } }),
      ...(options.out === undefined ? {} : { outbound: { average: parseRate(options.out, '--out') } }),
    },
  };
}
