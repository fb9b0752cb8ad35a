/** Whether the connections of a forward pass the rules of other programs. */
import type { AdmittedRule, Forward, NatBackend, NatRules } from '../records/nat.ts';
import type { Address, Link, Route } from '../records/link.ts';
import { parseIp, sameIp, type Family, type Ip } from '../values/address.ts';
import { isDefaultRoute } from '../values/route.ts';
import { subnetOf, usable } from '../values/subnet.ts';
import { forwardingSetting } from '../values/sysctl.ts';
import { examineFlow, type FlowReport } from './admission.ts';
import { mark } from './admitted.ts';
import { withNat } from './nat-model.ts';
import { packetHost } from './packet-host.ts';
import type { Packet } from './packet.ts';
import type { Table } from './ruleset.ts';

/** The facts of a host that decide about packets from outside. */
export interface Surroundings {
  readonly backend: NatBackend;
  readonly tables: readonly Table[];
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
}

/** Any client behind a default route: addresses of RFC 5737 and RFC 3849, which no host has. */
const anyClient = { ipv4: parseIp('198.51.100.77'), ipv6: parseIp('2001:db8:ffff::77') } as const;

/** Where connections to a forward come from: `network` is another guest in the network of the target. */
export type ForwardOrigin = 'outside' | 'network';

/**
 * Follows a connection through the rules as they will be.
 * @param rules all of kvmnet's, with the forward
 * @returns undefined where the host has no address to which a client could connect
 */
export function examineForward(
  forward: Forward,
  rules: NatRules,
  host: Surroundings,
  from: ForwardOrigin = 'outside',
): FlowReport | undefined {
  const { protocol, ports } = forward;
  const arrival = from === 'outside' ? arrivalOf(forward, host) : arrivalFromNetwork(forward, host);
  if (arrival === undefined) return undefined;
  const forwarding = { [forwardingSetting.ipv4]: '1', [forwardingSetting.ipv6]: '1' };
  return examineFlow(
    { protocol, ...arrival, destinationPort: ports[0], states: ['new'] },
    packetHost({
      ...host,
      tables: withNat(rules, host.backend, host.tables),
      sysctls: forwarding,
      reversePathFilters: {},
    }),
  );
}

type Arrival = Pick<Packet, 'source' | 'destination' | 'inDevice'> | undefined;

function arrivalOf({ family, listen, dev, target }: Forward, { links, routes }: Surroundings): Arrival {
  const holder = links.find(({ addresses }) => addresses.some(({ address }) => listen.includes(address)))?.name;
  const outward = routes.find((route) => isDefaultRoute(route) && isOf(family, route.destination))?.dev;
  const onLink = links.find(
    ({ name, addresses }) => name !== 'lo' && name !== target.dev && addresses.some((each) => isGlobal(each, family)),
  )?.name;
  const inDevice = dev ?? holder ?? outward ?? onLink;
  const own = links.find(({ name }) => name === inDevice)?.addresses.find((each) => isGlobal(each, family));
  const address = listen[0] ?? own?.address;
  if (inDevice === undefined || address === undefined) return undefined;
  const source = inDevice === outward || own === undefined ? anyClient[family] : neighborOf(own);
  return { source, destination: parseIp(address), inDevice };
}

/** Guests reach neither a device of the host, nor its loopback addresses. */
function arrivalFromNetwork({ family, listen, dev, target }: Forward, { links }: Surroundings): Arrival {
  const own = links.find(({ name }) => name === target.dev)?.addresses.find((each) => isGlobal(each, family));
  const address = listen.find((each) => !isLoopback(each)) ?? (listen.length === 0 ? own?.address : undefined);
  if (dev !== undefined || own === undefined || address === undefined) return undefined;
  return { source: neighborOf(own), destination: parseIp(address), inDevice: target.dev };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function isGlobal(address: Address, family: Family): boolean {
  return address.family === family && address.scope !== 'link';
}

/** Another address of the subnet. */
function neighborOf({ address, prefix }: Address): Ip {
  const ip = parseIp(address);
  const { start, end } = usable(subnetOf(ip, prefix));
  return sameIp(start, ip) ? end : start;
}

function isOf(family: Family, destination: string): boolean {
  return destination.includes(':') === (family === 'ipv6');
}

/** The rules that a report suggests, to be kept with the forward. */
export function admittedRules(name: string, { admissions }: Pick<FlowReport, 'admissions'>): readonly AdmittedRule[] {
  return admissions.map(({ table, chain, words }, index) => ({
    ...{ tool: table.tool, family: table.family, table: table.name, chain, words },
    comment: `${mark}${name}:${String(index + 1)}`,
  }));
}
