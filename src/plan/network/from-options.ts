import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import { buildNetwork } from '../../xml/build.ts';
import { parseNetwork, type Network, type NetworkInput } from '../../xml/network.ts';
import { freeBridgeName } from './free-subnet.ts';
import { isVirtual, kindOf, type NetworkKind } from '../../state/network-kind.ts';
import { deviceName, subnetName } from './name.ts';
import { requireFitting, wantedKind, type NetworkOptions } from './options.ts';
import { acceptedAddress } from '../../state/network-address.ts';
import { ipsFromOptions, wantedSubnets } from './option-address.ts';
import { dnsFromOptions, domainFromOptions, forwardFromOptions, portgroupsFromOptions } from './option-forward.ts';
import { parseNetworkName } from '../../values/name.ts';
import { hasRelease, needs } from '../../state/libvirt-version.ts';

/** The input for a new network. */
export interface NetworkRequest {
  /** Undefined: named after the template, or else after its subnet or device. */
  readonly name: string | undefined;
  readonly options: NetworkOptions;
  /** A template, which the options override; its UUID and MAC address are not taken over. */
  readonly base: Network | undefined;
  readonly state: State;
  readonly random: NetworkRandom;
}

/** Random values, chosen once, so that planning is deterministic. */
interface NetworkRandom {
  /** The MAC address of the bridge, `52:54:00:…`. */
  readonly mac: string;
  /** The 40 bits of a unique local prefix (RFC 4193, 3.2.2), as ten hexadecimal digits. */
  readonly globalId: string;
}

/**
 * Returns the complete definition that `net create` requests, with gateway, DHCP range, bridge name and MAC address.
 * checkNetwork then reports its conflicts.
 * @throws USAGE for options that exclude each other, INPUT for values that do not fit together, DEPENDENCY for features that an older libvirt lacks
 */
export function networkFromOptions(request: NetworkRequest): Network {
  const { options, base, state, random } = request;
  const kind = wantedKind(options, base);
  requireFitting(options, kind);
  const network = isVirtual(kind) ? virtualNetwork(request, kind) : pluggedNetwork(request, kind);
  const name = parseNetworkName(request.name ?? base?.name ?? derivedName(kind, network));
  const made = { ...network, ...commonParts(options, base, state), name, uuid: undefined, connections: undefined };
  return parseNetwork(buildNetwork(isVirtual(kind) ? withMac(made, options, random) : made));
}

/** A network for which libvirt makes a bridge. */
function virtualNetwork({ options, base, state, random }: NetworkRequest, kind: NetworkKind): NetworkInput {
  const { stp, zone, mtu, bridgeName } = options;
  const pattern = base !== undefined && isVirtual(kindOf(base)) ? base : undefined;
  const request = { options, base: pattern, state, globalId: random.globalId };
  const ips = ipsFromOptions(request, wantedSubnets(request));
  const bridge = {
    ...pattern?.bridge,
    name: bridgeName ?? pattern?.bridge?.name ?? freeBridgeName(state),
    stp: stp ?? pattern?.bridge?.stp ?? true,
    delay: pattern?.bridge?.delay ?? 0,
    ...(zone === undefined ? {} : { zone }),
  };
  return {
    ...base,
    name: '',
    forward: forwardFromOptions(options, kind, { base, ips, state }),
    bridge,
    ips,
    domain: domainFromOptions(options, pattern),
    dns: dnsFromOptions(options, pattern),
    ...(mtu === undefined ? {} : { mtu: { size: mtu } }),
    ...(pattern === undefined ? { virtualport: undefined } : {}),
  };
}

/** A network that attaches guests to a bridge or NIC of the host; libvirt accepts none of the virtual parts there. */
function pluggedNetwork({ options, base, state }: NetworkRequest, kind: NetworkKind): NetworkInput {
  const same = base !== undefined && kindOf(base) === kind;
  const { bridge } = options;
  return {
    ...base,
    name: '',
    forward: forwardFromOptions(options, kind, { base, ips: [], state }),
    bridge: kind !== 'bridge' ? undefined : bridge === undefined ? base?.bridge : { name: bridge },
    ips: [],
    routes: [],
    mac: undefined,
    mtu: undefined,
    domain: undefined,
    dns: undefined,
    ...(same ? {} : { virtualport: undefined }),
    ...(kind === 'bridge' ? {} : { bandwidth: undefined, port: undefined }),
  };
}

/** Elements of all kinds. */
function commonParts(options: NetworkOptions, base: Network | undefined, state: State): Partial<NetworkInput> {
  const { vlan, portgroup = [], isolatePorts, title } = options;
  if (title !== undefined && !hasRelease(state, [9, 7])) {
    throw new KvmnetError('DEPENDENCY', `--title ${title}: ${needs('a title', [9, 7], state)}`, {
      hint: 'leave it out',
    });
  }
  const added = portgroupsFromOptions(portgroup);
  const replaced = new Set(added.map(({ name }) => name));
  const kept = (base?.portgroups ?? []).filter(({ name }) => !replaced.has(name));
  return {
    portgroups: [...kept, ...added],
    ...(title === undefined ? {} : { title }),
    ...(vlan === undefined ? {} : { vlan: { tags: [{ id: vlan }] } }),
    ...(isolatePorts === true ? { port: { ...base?.port, isolated: true } } : {}),
  };
}

function withMac(network: NetworkInput, { mac }: NetworkOptions, random: NetworkRandom): NetworkInput {
  return { ...network, mac: { address: mac ?? random.mac } };
}

function derivedName(kind: NetworkKind, { ips = [], bridge, forward }: NetworkInput): string {
  const subnet = ips.map(acceptedAddress).find((cidr) => cidr !== undefined)?.subnet;
  if (subnet !== undefined) return subnetName(kind, subnet);
  const nics = forward?.interfaces?.map(({ dev }) => dev) ?? [];
  const devices = nics.length > 0 ? nics : [forward?.pf?.dev ?? bridge?.name];
  return deviceName(
    kind,
    devices.filter((device) => device !== undefined),
  );
}
