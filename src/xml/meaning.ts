/** Compares two network documents by their meaning to libvirt, regardless of their form. */
import { canonicalXml } from './canonical.ts';
import type { NetworkInput } from './network.ts';
import { parseXml } from './parser.ts';

/** One place where two networks differ. */
export interface Difference {
  /** As in the model: `ips[0].dhcp.ranges[1].start`. */
  readonly path: string;
  /** Undefined if that side lacks it. */
  readonly left: unknown;
  readonly right: unknown;
}

/**
 * Whether two networks mean the same to libvirt; see `differences` for what does not count.
 */
export function sameNetwork(left: NetworkInput, right: NetworkInput): boolean {
  return differences(left, right).length === 0;
}

/**
 * In what two networks differ. Not a difference: white space, comments, the order of attributes; the number of connections;
 * a UUID, MAC or bridge name that only one side has, for libvirt gives them; a default that is written out
 * (`<bridge stp='on' delay='0'>`, NAT ports 1024-65535, forward mode nat, family ipv4, `no`); a netmask instead of a prefix;
 * another spelling of the same MAC, UUID or IPv6 address. XML that the model does not know is not compared: see `lostXml`.
 * Source: virNetworkDefParseXML and virNetworkDefFormatBuf, as seen in what net-dumpxml returns for what net-define took.
 */
export function differences(left: NetworkInput, right: NetworkInput): readonly Difference[] {
  return compare('', prune(meaningOf(left)), prune(meaningOf(right)));
}

const givenByLibvirt: ReadonlySet<string> = new Set(['uuid', 'mac', 'bridge.name']);

function compare(path: string, left: unknown, right: unknown): readonly Difference[] {
  if (left === right) return [];
  if (givenByLibvirt.has(path) && (left === undefined || right === undefined)) return [];
  if (!isObject(left) || !isObject(right)) return [{ path, left, right }];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => {
    const step = Array.isArray(left) ? `[${key}]` : path === '' ? key : `.${key}`;
    return compare(`${path}${step}`, left[key], right[key]);
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Returns the value without undefined and empty parts: `<dns/>` means the same as no `<dns>`. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => prune(item) ?? {});
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, prune(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The network with all defaults written out, and every value in one spelling. */
function meaningOf(network: NetworkInput): object {
  const { uuid, metadata, mac, domain, port, bandwidth } = network;
  return {
    ...network,
    connections: undefined,
    ipv6: yes(network.ipv6),
    trustGuestRxFilters: yes(network.trustGuestRxFilters),
    uuid: uuid?.replaceAll('-', '').toLowerCase(),
    metadata: metadata && canonicalMetadata(metadata),
    mac: mac && { address: canonicalMac(mac.address) },
    domain: domain && { ...domain, localOnly: yes(domain.localOnly), register: yes(domain.register) },
    port: port && { isolated: yes(port.isolated) },
    bandwidth: bandwidth && { ...bandwidth, classID: undefined },
    forward: forwardMeaning(network.forward),
    bridge: bridgeMeaning(network),
    dns: dnsMeaning(network.dns),
    vlan: vlanMeaning(network.vlan),
    ips: network.ips?.map(ipMeaning),
    routes: network.routes?.map((route) => ({
      ...subnetMeaning(route),
      gateway: canonicalAddress(route.gateway),
    })),
    portgroups: network.portgroups?.map((group) => ({
      ...group,
      default: yes(group.default),
      vlan: vlanMeaning(group.vlan),
    })),
  };
}

/** libvirt writes the first interface as `dev` too. */
function forwardMeaning(forward: NetworkInput['forward']): object | undefined {
  if (forward === undefined) return undefined;
  const mode = forward.mode ?? 'nat';
  const devices = (forward.interfaces ?? []).map(({ dev }) => ({ dev }));
  const dev = forward.dev ?? devices[0]?.dev;
  const ports = mode === 'nat' ? { start: 1024, end: 65535 } : undefined;
  const nat = { ...forward.nat, ipv6: yes(forward.nat?.ipv6), port: forward.nat?.port ?? ports };
  return {
    ...forward,
    mode,
    dev,
    managed: yes(forward.managed),
    nat,
    interfaces: devices.length === 0 && dev !== undefined ? [{ dev }] : devices,
    addresses: forward.addresses?.map((address) => ({ ...address, connections: undefined })),
  };
}

/** Only a bridge that libvirt makes itself has STP and a delay. */
function bridgeMeaning({ forward, bridge }: NetworkInput): object | undefined {
  const mode = forward === undefined ? 'isolated' : (forward.mode ?? 'nat');
  if (!['isolated', 'nat', 'route', 'open'].includes(mode)) return bridge;
  return { ...bridge, stp: bridge?.stp ?? true, delay: bridge?.delay ?? 0 };
}

function dnsMeaning(dns: NetworkInput['dns']): object | undefined {
  return (
    dns && {
      ...dns,
      enable: dns.enable === true ? undefined : dns.enable,
      forwardPlainNames: dns.forwardPlainNames === true ? undefined : dns.forwardPlainNames,
      forwarders: dns.forwarders?.map((forwarder) => ({ ...forwarder, addr: canonicalAddress(forwarder.addr) })),
      hosts: dns.hosts?.map((host) => ({ ...host, ip: canonicalAddress(host.ip) })),
    }
  );
}

/** Several tags, or a native one, make a trunk. */
function vlanMeaning(vlan: NetworkInput['vlan']): object | undefined {
  if (vlan === undefined) return undefined;
  const tags = vlan.tags ?? [];
  const trunk = vlan.trunk === true || tags.length > 1 || tags.some((tag) => tag.nativeMode !== undefined);
  return { ...vlan, trunk: yes(trunk) };
}

type Ip = NonNullable<NetworkInput['ips']>[number];
type Dhcp = NonNullable<Ip['dhcp']>;

function ipMeaning(ip: Ip): object {
  return { ...subnetMeaning(ip), localPtr: yes(ip.localPtr), dhcp: dhcpMeaning(ip.dhcp) };
}

function dhcpMeaning(dhcp: Dhcp | undefined): object | undefined {
  return (
    dhcp && {
      ...dhcp,
      ranges: dhcp.ranges?.map((range) => ({
        start: canonicalAddress(range.start),
        end: canonicalAddress(range.end),
        lease: leaseMeaning(range.lease),
      })),
      hosts: dhcp.hosts?.map((host) => ({
        ...host,
        mac: canonicalMac(host.mac),
        ip: canonicalAddress(host.ip),
        lease: leaseMeaning(host.lease),
      })),
    }
  );
}

/** A lease without end has no unit; any other is in minutes by default. */
function leaseMeaning(lease: NonNullable<Dhcp['hosts']>[number]['lease']): object | undefined {
  return lease && { ...lease, unit: lease.expiry === 0 ? undefined : (lease.unit ?? 'minutes') };
}

interface Subnet {
  readonly family?: string | undefined;
  readonly address?: string | undefined;
  readonly netmask?: string | undefined;
  readonly prefix?: number | undefined;
}

function subnetMeaning<T extends Subnet>(subnet: T): T {
  const prefix = subnet.prefix ?? prefixOf(subnet.netmask);
  return {
    ...subnet,
    family: subnet.family ?? 'ipv4',
    address: canonicalAddress(subnet.address),
    prefix,
    netmask: prefix === undefined ? subnet.netmask : undefined,
  };
}

/** 255.255.255.0 -> 24; undefined for what is not a mask. */
function prefixOf(netmask: string | undefined): number | undefined {
  const bytes = netmask?.split('.').map(Number) ?? [];
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) return undefined;
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** `no` is what libvirt does anyway. */
function yes(value: boolean | undefined): true | undefined {
  return value === true ? true : undefined;
}

function canonicalMac(mac: string | undefined): string | undefined {
  return mac
    ?.split(':')
    .map((byte) => byte.toLowerCase().padStart(2, '0'))
    .join(':');
}

/** IPv6 in its one short form (RFC 5952); anything else as it is. */
function canonicalAddress(address: string | undefined): string | undefined {
  const url = `http://[${address ?? ''}]`;
  return address?.includes(':') === true && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address;
}

function canonicalMetadata(metadata: string): string {
  const { children } = parseXml(`<metadata>${metadata}</metadata>`, 'metadata').root;
  return canonicalXml(children);
}
