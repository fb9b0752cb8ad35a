import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Network, NetworkInput } from '../../xml/network.ts';
import { acceptedAddress } from '../../state/network-address.ts';
import { kindOf, type NetworkKind } from '../../state/network-kind.ts';
import type { NetworkOptions } from './options.ts';
import { formatIp } from '../../values/address.ts';
import { invalidWithHint } from '../../values/invalid.ts';
import type { PortgroupTag } from '../../values/name.ts';
import { within } from '../../values/subnet.ts';
import { uniqueLocal } from '../../values/usable-subnet.ts';
import { hasRelease } from '../../state/libvirt-version.ts';

type Forward = NetworkInput['forward'];
type Portgroup = NonNullable<NetworkInput['portgroups']>[number];

interface ForwardContext {
  readonly base: Network | undefined;
  readonly ips: NonNullable<NetworkInput['ips']>;
  readonly state: State;
}

/** `<forward>` of a kind: the template's where it is of that kind too, with what the options change. */
export function forwardFromOptions(options: NetworkOptions, kind: NetworkKind, context: ForwardContext): Forward {
  const old = context.base !== undefined && kindOf(context.base) === kind ? context.base.forward : undefined;
  switch (kind) {
    case 'isolated':
      return undefined;
    case 'open':
      return { ...old, mode: 'open' };
    case 'nat':
      return { ...old, mode: 'nat', ...leaving(options), nat: natFromOptions(options, old, context) };
    case 'route':
      return { ...old, mode: 'route', ...leaving(options) };
    case 'bridge':
      return { ...old, mode: 'bridge' };
    case 'macvtap':
      return macvtapForward(options, old);
    case 'hostdev':
      return options.hostdev === undefined ? old : { mode: 'hostdev', managed: true, pf: { dev: options.hostdev } };
  }
}

/** `--dev` replaces the template's NIC, wherever that stood. */
function leaving({ dev }: NetworkOptions): Forward {
  return dev === undefined ? {} : { dev, interfaces: [] };
}

/** NAT of IPv6 makes sense for unique local addresses; public ones are routed. An older libvirt routes them all. */
function natFromOptions({ natPorts }: NetworkOptions, old: Network['forward'], { ips, state }: ForwardContext) {
  const isLocal = ips.some((ip) => {
    const cidr = acceptedAddress(ip);
    return cidr?.ip.family === 'ipv6' && within(cidr.subnet, uniqueLocal);
  });
  const nat = {
    ...old?.nat,
    ...(isLocal && hasRelease(state, [6, 5]) && old?.nat?.ipv6 === undefined ? { ipv6: true } : {}),
    ...(natPorts === undefined ? {} : { port: natPorts }),
  };
  return Reflect.ownKeys(nat).length === 0 ? undefined : nat;
}

function macvtapForward({ macvtap, mode }: NetworkOptions, old: Network['forward']): Forward {
  const chosen = mode ?? old?.mode ?? 'bridge';
  if (macvtap === undefined) return { ...old, mode: chosen };
  return { mode: chosen, dev: macvtap[0], interfaces: macvtap.map((dev) => ({ dev })) };
}

export function domainFromOptions({ domain }: NetworkOptions, base: Network | undefined): NetworkInput['domain'] {
  return domain === undefined ? base?.domain : { ...base?.domain, name: domain };
}

/** Adds DNS entries and forwarders to the template's; several names of one address become one entry. */
export function dnsFromOptions(options: NetworkOptions, base: Network | undefined): NetworkInput['dns'] {
  const { dns = [], forwarder = [], noDns = false } = options;
  if (noDns) return { enable: false };
  if (dns.length + forwarder.length === 0) return base?.dns;
  if (base?.dns?.enable === false) {
    throw new KvmnetError('USAGE', `the template ${base.name} has DNS off, which --dns and --forwarder need`, {
      hint: "remove <dns enable='no'/> from the template",
    });
  }
  const hosts = new Map((base?.dns?.hosts ?? []).map((host) => [host.ip, host]));
  for (const entry of dns) {
    const { hostname } = entry;
    const ip = formatIp(entry.ip);
    const host = hosts.get(ip);
    hosts.set(ip, { ...host, ip, hostnames: [...new Set([...(host?.hostnames ?? []), hostname])] });
  }
  const forwarders = forwarder.map((ip) => ({ addr: formatIp(ip) }));
  return { ...base?.dns, hosts: [...hosts.values()], forwarders: [...(base?.dns?.forwarders ?? []), ...forwarders] };
}

/** The portgroups of the options, each name once. */
export function portgroupsFromOptions(portgroups: readonly PortgroupTag[]): readonly Portgroup[] {
  const names = portgroups.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalidWithHint('--portgroup', twice, 'duplicate portgroup', 'leave one out');
  return portgroups.map(({ name, vlan }) => ({
    name,
    ...(vlan === undefined ? {} : { vlan: { tags: [{ id: vlan }] } }),
  }));
}
