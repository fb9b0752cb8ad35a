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

/**
 * Follows a connection from outside through the rules as they will be.
 * @param rules all of kvmnet's, with the forward
 * @returns undefined where the host has no address to which a client could connect
 */
export function examineForward(forward: Forward, rules: NatRules, host: Surroundings): FlowReport | undefined {
  const { protocol, ports } = forward;
  const arrival = arrivalOf(forward, host);
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

function arrivalOf(
  { family, listen, dev }: Forward,
  { links, routes }: Surroundings,
): Pick<Packet, 'source' | 'destination' | 'inDevice'> | undefined {
  const holder = links.find(({ addresses }) => addresses.some(({ address }) => listen.includes(address)))?.name;
  const outward = routes.find((route) => isDefaultRoute(route) && isOf(family, route.destination))?.dev;
  const inDevice = dev ?? holder ?? outward;
  const own = links
    .find(({ name }) => name === inDevice)
    ?.addresses.find((each) => each.family === family && each.scope !== 'link');
  const address = listen[0] ?? own?.address;
  if (inDevice === undefined || address === undefined) return undefined;
  const source = inDevice === outward || own === undefined ? anyClient[family] : neighbourOf(own);
  return { source, destination: parseIp(address), inDevice };
}

/** Another address of the subnet. */
function neighbourOf({ address, prefix }: Address): Ip {
  const ip = parseIp(address);
  const { start, end } = usable(subnetOf(ip, prefix));
  return sameIp(start, ip) ? end : start;
}

function isOf(family: Family, destination: string): boolean {
  return destination.includes(':') === (family === 'ipv6');
}

/** The rules that a report suggests, to be kept with the forward. */
export function admittedRules(name: string, { admissions }: FlowReport): readonly AdmittedRule[] {
  return admissions.map(({ table, chain, words }, index) => ({
    ...{ tool: table.tool, family: table.family, table: table.name, chain, words },
    comment: `${mark}${name}:${String(index + 1)}`,
  }));
}
