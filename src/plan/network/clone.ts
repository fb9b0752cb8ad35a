/** Copies a network: properties that must be unique are new, everything else is kept. */
import { KvmnetError } from '../../errors.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { buildNetwork } from '../../xml/build.ts';
import { parseNetwork, type Network, type NetworkInput } from '../../xml/network.ts';
import { freeBridgeName, freeSubnetLike } from './free-subnet.ts';
import { acceptedAddress, addressesOf } from '../../state/network-address.ts';
import { isVirtual, kindOf, nicsOf, type VirtualKind } from '../../state/network-kind.ts';
import { givenKind, type NetworkOptions } from './options.ts';
import { forwardFromOptions } from './option-forward.ts';
import { movedAddress, movedIp, type Move } from './subnet-move.ts';
import { parseNetworkName } from '../../values/name.ts';
import { formatSubnet, type Subnet } from '../../values/subnet.ts';

export interface CloneRequest {
  readonly existing: NetworkState;
  readonly name: string;
  /** KIND with its subnet, or none. */
  readonly options: Pick<NetworkOptions, VirtualKind>;
  readonly state: State;
  /** Chosen by chance, once: the MAC address of the bridge, and the 40 bits of a unique local prefix. */
  readonly random: { readonly mac: string; readonly globalId: string };
}

/** A definition, without UUID, and what of the first network it does not have or should not share, in sentences. */
export interface Clone {
  readonly network: Network;
  readonly remarks: readonly string[];
}

/**
 * The definition of a copy. Each subnet is another one of the same size, with gateway and DHCP ranges at the same places in it; bridge name and
 * MAC address are new; reservations and static routes are left out. XML that kvmnet does not know, and metadata, are copied.
 * @throws INPUT for a name or subnet that net create would refuse, USAGE for a KIND that does not fit, CONFLICT where no subnet is free
 */
export function cloneNetwork(request: CloneRequest): Clone {
  const { existing, options } = request;
  const base = existing.inactive ?? existing.network;
  const name = parseNetworkName(request.name, 'NEW');
  const kind = kindOf(base);
  const { made, remarks } = isVirtual(kind) ? virtualClone(base, kind, request) : pluggedClone(base, options);
  const network = parseNetwork(buildNetwork({ ...base, ...made, name, uuid: undefined, connections: undefined }));
  return { network, remarks: remarks.map((remark) => `network ${existing.name}: ${remark}`) };
}

interface Made {
  readonly made: Partial<NetworkInput>;
  readonly remarks: readonly string[];
}

function virtualClone(base: Network, own: VirtualKind, { options, state, random }: CloneRequest): Made {
  const moves = movesOf(base, options, state, random.globalId);
  const kind = virtualKinds.find((each) => each === givenKind(options)) ?? own;
  const ips = base.ips.map((ip) => {
    const from = acceptedAddress(ip);
    const move = moves.find((each) => isFrom(each, from?.subnet));
    return from === undefined || move === undefined ? ip : movedIp(ip, from.ip, move);
  });
  const { hosts, remarks } = dnsHosts(base, moves);
  const made = {
    forward: kind === own ? base.forward : forwardFromOptions(options, kind, { base, ips, state }),
    bridge: { ...base.bridge, name: freeBridgeName(state) },
    mac: { address: random.mac },
    ips,
    routes: [],
    dns: base.dns && { ...base.dns, hosts },
  };
  return { made, remarks: [...leftOut(base), ...remarks] };
}

function isFrom({ from }: Move, subnet: Subnet | undefined): boolean {
  return subnet !== undefined && formatSubnet(from) === formatSubnet(subnet);
}

/** Where each subnet goes: the first of its family to the one that is asked for. */
function movesOf(base: Network, options: CloneRequest['options'], state: State, globalId: string): readonly Move[] {
  const asked = askedSubnet(options);
  const subnets = addressesOf(base).map(({ subnet }) => subnet);
  const replaced = subnets.find(({ family }) => family === asked?.family);
  if (asked !== undefined && replaced === undefined) {
    throw new KvmnetError('USAGE', `network ${base.name} has no subnet that ${formatSubnet(asked)} could replace`, {
      hint: 'omit the subnet, or create a new network: kvmnet net create --help',
    });
  }
  const chosen: Subnet[] = asked === undefined ? [] : [asked];
  return subnets.map((from) => {
    if (asked !== undefined && from === replaced) return { from, to: asked };
    const to = freeSubnetLike(from, state, globalId, chosen);
    chosen.push(to);
    return { from, to };
  });
}

const virtualKinds = ['nat', 'route', 'open', 'isolated'] as const satisfies readonly VirtualKind[];

/** Undefined: a free one, like `auto`. */
function askedSubnet(options: CloneRequest['options']): Subnet | undefined {
  const kind = virtualKinds.find((each) => each === givenKind(options));
  const value = kind && options[kind];
  return value === 'auto' || value === true ? undefined : value;
}

type DnsHost = NonNullable<Network['dns']>['hosts'][number];

/** Names of addresses in the subnets move with them. */
function dnsHosts(base: Network, moves: readonly Move[]): { hosts: readonly DnsHost[]; remarks: readonly string[] } {
  const entries = (base.dns?.hosts ?? []).map((host) => ({ host, moved: movedAddress(host.ip, moves) }));
  const named = ({ ip, hostnames }: DnsHost): string => `${hostnames.join(', ')} (${ip})`;
  return {
    hosts: entries.flatMap(({ host, moved }) => (moved === undefined ? [] : [{ ...host, ip: moved }])),
    remarks: entries.flatMap(({ host, moved }) => {
      if (moved === undefined) return [`the DNS name ${named(host)} has no place in the new subnet, and is left out`];
      return moved === host.ip ? [] : [`the DNS name ${named(host)} is ${moved} in the copy`];
    }),
  };
}

/** Entries for guests and routers of the first network. */
function leftOut({ ips, routes, dnsmasqOptions }: Network): readonly string[] {
  const reserved = ips.flatMap(({ dhcp }) => dhcp?.hosts ?? []).length;
  const listed = routes.map(({ address, prefix, netmask }) => `${String(address)}/${String(prefix ?? netmask)}`);
  return [
    ...(reserved === 0
      ? []
      : [
          `its ${reserved === 1 ? "reservation is left out: it is a guest's" : `${String(reserved)} reservations are left out: they are its guests'`}`,
        ]),
    ...(listed.length === 0
      ? []
      : [`its static route to ${listed.join(', ')} is left out: it cannot lead to two networks`]),
    ...((dnsmasqOptions?.options.length ?? 0) === 0
      ? []
      : ['its options for dnsmasq are copied as they stand: look for addresses in them']),
  ];
}

/** A network on a bridge or NIC of the host: two networks may share it, but a device that is passed through belongs to one guest. */
function pluggedClone(base: Network, options: CloneRequest['options']): Made {
  const asked = givenKind(options);
  if (asked !== undefined) {
    throw new KvmnetError('USAGE', `--${asked} cannot be used with a copy of ${base.name}, which has no subnet`, {
      hint: `omit it, or create a new network: kvmnet net create NAME --${asked} …`,
    });
  }
  const isWhole = base.forward?.mode === 'hostdev' || base.forward?.mode === 'passthrough';
  const devices = [base.forward?.pf?.dev, ...nicsOf(base)].filter((dev) => dev !== undefined).join(', ');
  const shared = `it and the copy give out the same devices${devices === '' ? '' : ` of ${devices}`}: a guest does not start where the other network's has taken its own`;
  return { made: { mac: undefined }, remarks: isWhole ? [shared] : [] };
}
