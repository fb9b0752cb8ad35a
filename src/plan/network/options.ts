import { KvmnetError } from '../../errors.ts';
import type { Network } from '../../xml/network.ts';
import { isVirtual, kindOf, type NetworkKind } from '../../state/network-kind.ts';
import type { Ip, Range } from '../../values/address.ts';
import type { DnsHost } from '../../values/dns.ts';
import type { PortgroupTag } from '../../values/name.ts';
import type { LeaseTime, PortRange } from '../../values/number.ts';
import type { Reservation } from '../../values/reservation.ts';
import type { Subnet } from '../../values/subnet.ts';

/** A subnet to use, or `auto` for a free one. */
export type SubnetChoice = Subnet | 'auto';

/** How macvtap devices share their NIC. */
export const macvtapModes = ['bridge', 'private', 'vepa', 'passthrough'] as const;

/**
 * The definition of a network in parts: what is absent is chosen, or stays as it is. The functions of `src/values` give the values;
 * names are strings, and checkNetwork checks them.
 */
export interface NetworkOptions {
  /** The kind of the network: exactly one of these … */
  readonly nat?: SubnetChoice | undefined;
  readonly route?: SubnetChoice | undefined;
  readonly open?: SubnetChoice | undefined;
  /** … `true`: guests only, no address of the host … */
  readonly isolated?: SubnetChoice | true | undefined;
  /** … a bridge of the host, NICs of the host, or the physical function of an SR-IOV NIC. */
  readonly bridge?: string | undefined;
  readonly macvtap?: readonly string[] | undefined;
  readonly hostdev?: string | undefined;

  readonly ipv6?: SubnetChoice | undefined;
  readonly gateway?: Ip | undefined;
  readonly dhcp?: readonly Range[] | undefined;
  readonly noDhcp?: boolean | undefined;
  readonly lease?: LeaseTime | undefined;
  readonly reserve?: readonly Reservation[] | undefined;
  readonly domain?: string | undefined;
  readonly dns?: readonly DnsHost[] | undefined;
  readonly forwarder?: readonly Ip[] | undefined;
  readonly noDns?: boolean | undefined;
  /** The only NIC through which traffic may leave. */
  readonly dev?: string | undefined;
  readonly natPorts?: PortRange | undefined;
  readonly bridgeName?: string | undefined;
  /** Of the bridge, as parseMac gives it. */
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly stp?: boolean | undefined;
  readonly zone?: string | undefined;
  readonly vlan?: number | undefined;
  readonly portgroup?: readonly PortgroupTag[] | undefined;
  readonly isolatePorts?: boolean | undefined;
  readonly mode?: (typeof macvtapModes)[number] | undefined;
  readonly title?: string | undefined;
  readonly transient?: boolean | undefined;
  readonly noStart?: boolean | undefined;
  readonly noAutostart?: boolean | undefined;
}

/** The steps that libvirt should do with the definition. */
export interface NetworkLifecycle {
  readonly transient: boolean;
  readonly start: boolean;
  readonly autostart: boolean;
}

const kinds = ['nat', 'route', 'open', 'isolated', 'bridge', 'macvtap', 'hostdev'] as const;

const virtual = ['nat', 'route', 'open', 'isolated'] as const;

/** The kinds that an option goes with; the options that are not here go with all. */
const goesWith: Readonly<Partial<Record<keyof NetworkOptions, readonly NetworkKind[]>>> = {
  ipv6: virtual,
  gateway: virtual,
  dhcp: virtual,
  noDhcp: virtual,
  lease: virtual,
  reserve: virtual,
  domain: virtual,
  dns: virtual,
  forwarder: virtual,
  noDns: virtual,
  dev: ['nat', 'route'],
  natPorts: ['nat'],
  bridgeName: virtual,
  mac: virtual,
  mtu: virtual,
  stp: virtual,
  zone: virtual,
  isolatePorts: [...virtual, 'bridge'],
  mode: ['macvtap'],
};

/** Pairs that contradict each other, whatever the kind. */
const contradictions: readonly (readonly [keyof NetworkOptions, keyof NetworkOptions])[] = [
  ['noDhcp', 'dhcp'],
  ['noDhcp', 'lease'],
  ['noDhcp', 'reserve'],
  ['noDns', 'dns'],
  ['noDns', 'forwarder'],
  ['transient', 'noStart'],
];

/** Options that need an address of the host in the network. */
const needAddress = ['gateway', 'dhcp', 'lease', 'reserve', 'domain', 'dns', 'forwarder'] as const;

/** The kind that the options name; undefined without one. */
export function givenKind(options: NetworkOptions): NetworkKind | undefined {
  const [kind, second] = kinds.filter((each) => isGiven(options, each));
  if (kind === undefined || second === undefined) return kind;
  throw new KvmnetError('USAGE', `${flag(kind)} and ${flag(second)} exclude each other: a network is of one kind`, {
    hint: `leave one of them out, for example kvmnet net create keennet --nat 192.168.132.0/24`,
  });
}

/** The kind of network that the options name, or else the template's. */
export function wantedKind(options: NetworkOptions, base: Network | undefined): NetworkKind {
  const kind = givenKind(options) ?? (base === undefined ? undefined : kindOf(base));
  if (kind !== undefined) return kind;
  throw new KvmnetError('USAGE', 'the kind of network is missing', {
    hint: 'for example kvmnet net create --nat 192.168.132.0/24, or --bridge br0; --help shows all kinds',
  });
}

/** Refuses options that do not go with the kind, or with each other. */
export function requireFitting(options: NetworkOptions, kind: NetworkKind): void {
  for (const [option, fitting] of Object.entries(goesWith)) {
    if (!isGiven(options, option as keyof NetworkOptions) || fitting.includes(kind)) continue;
    throw new KvmnetError('USAGE', `${flag(option)} cannot be used with ${flag(kind)}: ${reason(option, kind)}`, {
      hint: `use it with ${fitting.map(flag).join(', ')}`,
    });
  }
  for (const [one, other] of contradictions) {
    if (!isGiven(options, one) || !isGiven(options, other)) continue;
    throw new KvmnetError('USAGE', `${flag(one)} and ${flag(other)} exclude each other`, {
      hint: 'leave one of them out',
    });
  }
}

/** Refuses what makes no sense without an address of the host. */
export function requireNoAddressOptions(options: NetworkOptions): void {
  const given = needAddress.find((option) => isGiven(options, option));
  if (given === undefined) return;
  throw new KvmnetError(
    'USAGE',
    `${flag(given)} cannot be used with --isolated without a subnet: the host has no address there`,
    {
      hint: '--isolated 192.168.132.0/24 gives it one',
    },
  );
}

/** Returns the steps to do with the definition: define, start and autostart it, unless the options disable them. */
export function networkLifecycle({
  transient = false,
  noStart = false,
  noAutostart = false,
}: NetworkOptions): NetworkLifecycle {
  return { transient, start: !noStart, autostart: !noAutostart && !transient };
}

/** An option as it is typed: `natPorts` is `--nat-ports`. */
function flag(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function isGiven(options: NetworkOptions, option: keyof NetworkOptions): boolean {
  const value = options[option];
  if (Array.isArray(value)) return value.length > 0;
  // --no-stp is an option too; of the others, false means that they were not typed.
  return value !== undefined && (value !== false || option === 'stp');
}

function reason(option: string, kind: NetworkKind): string {
  if (option === 'mode') return 'it defines how macvtap devices share their NIC';
  if (isVirtual(kind)) {
    const forwards: Readonly<Record<string, string>> = {
      isolated: 'an isolated network forwards nothing',
      open: 'libvirt writes no firewall rules for an open network',
    };
    return forwards[kind] ?? `only NAT has it`;
  }
  if (kind === 'bridge') return 'libvirt only attaches guests to that bridge; set it on the bridge itself';
  return 'libvirt only attaches guests to that NIC, and has neither bridge nor address there';
}
