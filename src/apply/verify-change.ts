/** Readings for what changes and repairs of networks promise. */
import { isDeepStrictEqual } from 'node:util';
import { lookAtConfigFile } from '../host/files/config-write.ts';
import { readDnsmasq } from '../host/dnsmasq.ts';
import { readLinks } from '../host/links/links.ts';
import { readNetnsNames } from '../host/links/netns.ts';
import { readDnsScope } from '../host/links/resolved.ts';
import type { Connection } from '../libvirt/connection.ts';
import { hostTarget } from '../observe/host-target.ts';
import { isLocal } from '../observe/uri.ts';
import { hasEntry } from '../plan/network/section.ts';
import { realDifferences } from '../plan/network/normalize.ts';
import type { Expectation } from '../plan/step.ts';
import { slotOf } from '../state/nics.ts';
import { parseDomain } from '../xml/domain.ts';
import { parseNetwork, type Network } from '../xml/network.ts';
import { missingLinks, rulesOf } from './host-actions.ts';

type Expected<E extends Expectation['expect']> = Extract<Expectation, { expect: E }>;

/** Both definitions of a network mean what was sent. */
export async function missingFromDefinition(
  connection: Connection,
  expected: Expected<'definition'>,
): Promise<string | undefined> {
  const { xml, inactiveXml, active } = await connection.call('getNetwork', { network: expected.network });
  const check = (what: string, wanted: string | undefined, found: string | undefined): string | undefined => {
    if (wanted === undefined) return undefined;
    if (found === undefined) return `the network has no ${what}`;
    const [first] = realDifferences(parseNetwork(wanted), parseNetwork(found));
    return first && `${first.path} of its ${what} is not as asked`;
  };
  return (
    check('configuration', expected.config, inactiveXml) ??
    check('live definition', expected.live, active ? xml : undefined)
  );
}

export async function missingFromSection(
  connection: Connection,
  expected: Expected<'section'>,
): Promise<string | undefined> {
  const { section, parentIndex, xml, present, live, config } = expected;
  const found = await connection.call('getNetwork', { network: expected.network });
  const isMet = (network: Network): boolean => hasEntry(network, section, parentIndex, xml) === present;
  const word = present ? 'not there' : 'still there';
  if (live && found.active && !isMet(parseNetwork(found.xml))) return `the entry is ${word}`;
  const configured = found.inactiveXml ?? (found.active ? undefined : found.xml);
  if (config && configured !== undefined && !isMet(parseNetwork(configured)))
    return `the entry is ${word} in the configuration`;
  return undefined;
}

/** libvirt's record of the port, and the kernel's of the bridge: after a network's restart domiflist says nothing of either. */
export async function missingFromPort(
  connection: Connection,
  expected: Expected<'plugged'>,
): Promise<string | undefined> {
  const { mac, slot, network, bridge } = expected;
  const { xml } = await connection.call('getDomain', { domain: expected.domain });
  const nics = parseDomain(xml).interfaces.filter((nic) => nic.mac?.address === mac);
  const nic = nics.length > 1 && slot !== undefined ? nics.find((each) => slotOf(each) === slot) : nics[0];
  if (nic === undefined) return `the NIC ${mac} is not there`;
  if (network !== undefined) {
    const ports = await connection.call('listNetworkPorts', { network });
    if (!ports.some(({ uuid }) => uuid === nic.source?.portid)) return `the network has no port for the NIC ${mac}`;
  }
  const tap = nic.target?.dev;
  if (bridge === undefined || tap === undefined) return undefined;
  return missingMaster({ expect: 'master', link: tap, master: bridge });
}

export async function missingMaster({ link, master }: Expected<'master'>): Promise<string | undefined> {
  const found = (await readLinks()).find(({ name }) => name === link);
  if (found === undefined) return `${link} is gone`;
  return found.master === master ? undefined : `${link} is not a port of ${master}`;
}

/** The commands that are still needed say what is not so. */
export async function missingFromLinks(
  connection: Connection,
  { links, netns }: Expected<'links'>,
): Promise<string | undefined> {
  const [first] = await missingLinks(connection.uri, links, netns);
  return first && `this is still to be done: ip ${first.join(' ')}`;
}

export async function missingNetns(
  connection: Connection,
  { netns, present }: Expected<'netns'>,
): Promise<string | undefined> {
  const names = await readNetnsNames({ on: hostTarget(connection.uri) });
  if (names.includes(netns) === present) return undefined;
  return `the network namespace ${netns} is ${present ? 'not there' : 'still there'}`;
}

export async function missingDns(connection: Connection, { dev, scope }: Expected<'dns'>): Promise<string | undefined> {
  const found = await readDnsScope(dev, { on: hostTarget(connection.uri) });
  return isDeepStrictEqual(found ?? null, scope) ? undefined : `systemd-resolved asks other name servers over ${dev}`;
}

export async function missingFromFile(connection: Connection, expected: Expected<'file'>): Promise<string | undefined> {
  const { path, text, mode, owner, link } = expected;
  const found = await lookAtConfigFile(expected, { on: hostTarget(connection.uri) });
  if (text === null) return found && `${path} still exists`;
  if (found === undefined) return `${path} does not exist`;
  if (found.text !== text) return `${path} is not what was written`;
  if (link !== undefined && found.link !== link) return `${path} is not a link to ${link}`;
  if (mode !== undefined && found.mode !== mode) return `${path} has the mode 0${found.mode.toString(8)}`;
  if (owner && !isDeepStrictEqual(found.owner, owner)) return `${path} belongs to another user or group`;
  return undefined;
}

export function missingDnsmasq({ name, running }: Expected<'dnsmasq'>): string | undefined {
  const runs = readDnsmasq().some((each) => each.name === name);
  if (runs === running) return undefined;
  return running ? `no dnsmasq serves network ${name}` : `the dnsmasq of network ${name} still runs`;
}

export async function missingBridgeEnd(
  connection: Connection,
  { bridge }: Expected<'no bridge'>,
): Promise<string | undefined> {
  if (!isLocal(connection.uri)) return undefined;
  return (await readLinks()).some(({ name }) => name === bridge) ? `the bridge ${bridge} is still there` : undefined;
}

export async function missingLeaseEnd(
  connection: Connection,
  { network, mac, address }: Expected<'no lease'>,
): Promise<string | undefined> {
  const leases = await connection.call('listNetworkLeases', { network, mac });
  return leases.some((lease) => lease.address === address) ? `${address} is still leased to ${mac}` : undefined;
}

export async function missingRulesEnd(expected: Expected<'no rules'>): Promise<string | undefined> {
  const left = await rulesOf(expected);
  return left.length === 0 ? undefined : `${String(left.length)} firewall rules of ${expected.bridge} are still there`;
}
