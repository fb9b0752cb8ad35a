/**
 * Explains from the state of the host why libvirt could not start a network: libvirt's own message is short
 * and localized.
 */
import { networkInCommand } from '../host/dnsmasq.ts';
import type { Link } from '../records/link.ts';
import { isVirtual, kindOf } from '../state/network-kind.ts';
import { findPortHolder, servesDhcp, servesDns, type PortHolder } from '../state/network-services.ts';
import { packageCommand } from '../values/packages.ts';
import { quoted } from '../values/quoted.ts';
import type { Network } from '../xml/network.ts';

/** A cause that keeps a network from starting, and its remedy. */
export interface Cause {
  readonly message: string;
  readonly hint: string;
}

/** A socket as it counts here, with the arguments of the program that has it. */
export interface Holder {
  readonly address: string;
  readonly device: string | undefined;
  readonly port: number;
  readonly process: { readonly name: string; readonly pid: number } | undefined;
  readonly command: readonly string[];
}

/** State of the host after the start had failed. */
export interface StartFacts {
  readonly network: Network;
  readonly links: readonly Pick<Link, 'name' | 'kind' | 'type' | 'mac'>[];
  /** Subnets of other networks and links that overlap, as the checks of the planner report them. */
  readonly overlaps: readonly Cause[];
  readonly listeners: readonly Holder[];
  readonly isInstalled: (program: string) => boolean;
  /** ID and ID_LIKE of os-release(5), the nearest first. */
  readonly distribution: readonly string[];
}

/** The first cause that the facts show; undefined where they show none. */
export function causeOfFailedStart(facts: StartFacts): Cause | undefined {
  if (!isVirtual(kindOf(facts.network))) return undefined;
  return bridgeInTheWay(facts) ?? missingDnsmasq(facts) ?? portInUse(facts) ?? facts.overlaps[0] ?? noFirewall(facts);
}

function bridgeInTheWay({ network, links }: StartFacts): Cause | undefined {
  const link = links.find(({ name }) => name === network.bridge?.name);
  if (link === undefined) return undefined;
  const { name, kind, type, mac } = link;
  // libvirt gives its bridge the MAC address of the definition, which no other bridge has.
  if (kind === 'bridge' && mac !== undefined && mac === network.mac?.address?.toLowerCase()) {
    return {
      message: `the bridge ${name} already exists: a libvirt daemon that was killed has left it behind`,
      hint: `if nothing that you need is attached to it, delete it: ip link delete dev ${name}`,
    };
  }
  const what = kind ?? (type === 'ether' ? 'NIC' : type);
  return {
    message: `the host already has a device ${name} (${what}), which is the name of the network's bridge`,
    hint: `choose another name with --bridge-name, or delete it if it is not needed: ip link delete dev ${name}`,
  };
}

function missingDnsmasq({ network, isInstalled, distribution }: StartFacts): Cause | undefined {
  if (!(servesDns(network) || servesDhcp(network)) || isInstalled('dnsmasq')) return undefined;
  return {
    message: 'the program dnsmasq is not installed, and libvirt serves DHCP and DNS with it',
    hint: `install it: ${packageCommand('install', 'dnsmasq', distribution)}; or create the network with --no-dhcp --no-dns`,
  };
}

function portInUse({ network, listeners }: StartFacts): Cause | undefined {
  const dns = servesDns(network) ? findPortHolder(network, 53, listeners) : undefined;
  if (dns !== undefined) return taken(dns, network.name);
  if (!servesDhcp(network)) return undefined;
  // Every dnsmasq listens on port 67, and they let each other.
  const others = listeners.filter(({ process }) => process?.name !== 'dnsmasq');
  const dhcp = findPortHolder(network, 67, others);
  return dhcp && taken(dhcp, network.name);
}

function taken({ socket, program, place }: PortHolder<Holder>, name: string): Cause {
  const { process, command, port } = socket;
  const message = `port ${String(port)} of ${place} is taken by ${program}`;
  if (process !== undefined && command.some((word) => word.endsWith(`/dnsmasq/${name}.conf`))) {
    return {
      message: `${message}, which a libvirt daemon that was killed has left behind`,
      hint: `end it: kill ${String(process.pid)}`,
    };
  }
  const other = networkInCommand(command);
  if (other !== undefined) {
    return {
      message: `${message} of network ${other}, which is active`,
      hint: `choose another subnet, or stop that network: kvmnet net stop ${quoted(other)}`,
    };
  }
  const without = port === 53 ? '--no-dns' : '--no-dhcp';
  return { message, hint: `stop it, or have it listen on addresses of its own; or create the network with ${without}` };
}

function noFirewall({ network, isInstalled, distribution }: StartFacts): Cause | undefined {
  if (kindOf(network) === 'open' || isInstalled('iptables') || isInstalled('nft')) return undefined;
  return {
    message: 'neither iptables nor nft is installed, and libvirt writes its firewall rules with them',
    hint: `install it: ${packageCommand('install', 'iptables', distribution)}; or create the network with --open CIDR`,
  };
}
