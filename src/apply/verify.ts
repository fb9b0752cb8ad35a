/** Compares what a step promised with a fresh reading: libvirt says success when nothing changed, and when a NIC is still there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { unlessMissing } from '../errors.ts';
import { readLinks } from '../host/links/links.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { DomainRecord, NetworkRecord } from '../libvirt/records.ts';
import { cidr } from '../plan/host/wanted.ts';
import type { Expectation, NicExpectation } from '../plan/step.ts';
import { slotOf } from '../state/nics.ts';
import { parseDomain } from '../xml/domain.ts';
import type { Interface } from '../xml/interface.ts';
import {
  missingBridgeEnd,
  missingDns,
  missingDnsmasq,
  missingFromDefinition,
  missingFromFile,
  missingFromLinks,
  missingFromPort,
  missingFromSection,
  missingLeaseEnd,
  missingMaster,
  missingNetns,
  missingRulesEnd,
} from './verify-change.ts';
import { missingLinkVlans, missingPortVlans } from './port-vlans.ts';
import { missingRate, missingRootPorts } from './verify-nic.ts';

type Expected<E extends Expectation['expect']> = Extract<Expectation, { expect: E }>;

/** How long to wait for what comes late, in milliseconds. */
export interface Patience {
  readonly guest: number;
  readonly other: number;
}

const interval = 100;

/** Waits until a fresh reading shows what is expected; returns what is still missing at the deadline, in words. */
export async function verify(
  connection: Connection,
  expectation: Expectation,
  patience: Patience,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const waitsForGuest =
    (expectation.expect === 'domain' && expectation.active === false) ||
    (expectation.expect === 'nic' && expectation.live === false);
  const deadline = performance.now() + (waitsForGuest ? patience.guest : patience.other);
  for (;;) {
    const missing = await missingFrom(connection, expectation);
    if (missing === undefined || performance.now() >= deadline || signal?.aborted) return missing;
    await sleep(interval);
  }
}

/** What a reading of this moment lacks, in words; undefined when all is there. */
function missingFrom(connection: Connection, expectation: Expectation): Promise<string | undefined> {
  switch (expectation.expect) {
    case 'network':
      return missingFromNetwork(connection, expectation);
    case 'domain':
      return missingFromDomain(connection, expectation);
    case 'nic':
      return missingFromNic(connection, expectation);
    case 'rootPorts':
      return missingRootPorts(connection, expectation);
    case 'definition':
      return missingFromDefinition(connection, expectation);
    case 'section':
      return missingFromSection(connection, expectation);
    case 'plugged':
      return missingFromPort(connection, expectation);
    case 'links':
      return missingFromLinks(connection, expectation);
    case 'netns':
      return missingNetns(connection, expectation);
    case 'dns':
      return missingDns(connection, expectation);
    case 'file':
      return missingFromFile(connection, expectation);
    case 'portVlans':
      return missingPortVlans(connection, expectation);
    case 'linkVlans':
      return missingLinkVlans(connection.uri, expectation);
    case 'master':
      return missingMaster(expectation);
    case 'dnsmasq':
      return Promise.resolve(missingDnsmasq(expectation));
    case 'no lease':
      return missingLeaseEnd(connection, expectation);
    case 'no bridge':
      return missingBridgeEnd(connection, expectation);
    case 'no rules':
      return missingRulesEnd(expectation);
  }
}

async function missingFromNetwork(connection: Connection, expected: Expected<'network'>): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getNetwork', { network: expected.network }));
  if (expected.defined === false) return found?.persistent ? 'the network is still defined' : undefined;
  if (!found) return expected.active === false || expected.autostart === false ? undefined : 'the network is not there';
  if (expected.defined === true && !found.persistent) return 'the network is not defined';
  return missingFromRecord(found, expected) ?? missingBridge(expected);
}

function missingFromRecord(found: NetworkRecord, expected: Expected<'network'>): string | undefined {
  if (expected.active !== undefined && found.active !== expected.active) {
    return expected.active ? 'the network is not active' : 'the network is still active';
  }
  if (expected.autostart !== undefined && found.autostart !== expected.autostart) {
    return `autostart is ${found.autostart ? 'on' : 'off'}`;
  }
  return undefined;
}

/** libvirt's "active" says nothing of the bridge: the kernel is asked. */
async function missingBridge({ bridge }: Expected<'network'>): Promise<string | undefined> {
  if (!bridge) return undefined;
  const link = (await readLinks()).find(({ name }) => name === bridge.name);
  if (!link) return `the bridge ${bridge.name} is not there`;
  const addresses = new Set(link.addresses.map(cidr));
  const missing = bridge.addresses.filter((address) => !addresses.has(address));
  return missing.length > 0 ? `the bridge ${bridge.name} lacks the address ${missing.join(', ')}` : undefined;
}

async function missingFromDomain(connection: Connection, expected: Expected<'domain'>): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getDomain', { domain: expected.domain }));
  const { active, paused, defined, autostart } = expected;
  if (defined === false && found?.persistent) return 'the domain is still defined';
  // A transient domain vanishes when it stops.
  if (!found) return active || defined || paused || autostart ? 'the domain does not exist' : undefined;
  if (defined === true && !found.persistent) return 'the domain is not defined';
  if (active !== undefined && found.active !== active) {
    return active ? 'the domain is not running' : 'the domain is still running';
  }
  if (paused !== undefined && (found.state === 'paused') !== paused) {
    return `the domain is ${paused ? found.state : 'still paused'}`;
  }
  if (autostart !== undefined && found.autostart !== autostart) return `autostart is ${found.autostart ? 'on' : 'off'}`;
  return undefined;
}

async function missingFromNic(connection: Connection, expected: Expected<'nic'>): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getDomain', { domain: expected.domain }));
  if (!found) return 'the domain is not there';
  return (
    missingFromLife('running domain', liveNics(found), expected, expected.live) ??
    missingFromLife('configuration', configNics(found), expected, expected.config)
  );
}

function liveNics(domain: DomainRecord): readonly Interface[] {
  return domain.active ? parseDomain(domain.xml).interfaces : [];
}

function configNics(domain: DomainRecord): readonly Interface[] {
  return domain.inactiveXml === undefined ? [] : parseDomain(domain.inactiveXml).interfaces;
}

function missingFromLife(
  life: string,
  nics: readonly Interface[],
  { mac, slot }: Expected<'nic'>,
  expected: NicExpectation | false | undefined,
): string | undefined {
  if (expected === undefined) return undefined;
  const nic = nics.find((each) => each.mac?.address === mac && (slot === undefined || slotOf(each) === slot));
  if (expected === false) return nic ? `the NIC ${mac} is still in the ${life}` : undefined;
  if (!nic) return `the NIC ${mac} is not in the ${life}`;
  const sources = [nic.source?.network, nic.source?.bridge, nic.source?.dev];
  if (expected.source !== undefined && !sources.includes(expected.source)) {
    return `the NIC ${mac} of the ${life} is not plugged into ${expected.source}`;
  }
  const link = nic.link?.state ?? 'up';
  return expected.link !== undefined && link !== expected.link
    ? `the link of the NIC ${mac} of the ${life} is ${link}`
    : missingRate(nic, expected);
}
