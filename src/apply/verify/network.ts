/** Readings for what changes of networks promise. */
import { unlessMissing } from '../../errors.ts';
import { readLinks } from '../../host/links/links.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { NetworkRecord } from '../../libvirt/records.ts';
import { cidr } from '../../plan/host/wanted.ts';
import { realDifferences } from '../../plan/network/normalize.ts';
import { hasEntry } from '../../plan/network/section.ts';
import { parseNetwork, parseWrittenNetwork, type Network } from '../../xml/network.ts';
import { readMetadata } from './metadata.ts';
import { readNetwork } from './reading.ts';
import type { Expected, ReadingRows } from './row.ts';

export const networkReadings: ReadingRows<'network' | 'definition' | 'section' | 'no lease' | 'port' | 'metadata'> = {
  network: { missing: missingFromNetwork, subjects: readNetwork },
  definition: { missing: missingFromDefinition, subjects: readNetwork },
  section: { missing: missingFromSection, subjects: readNetwork },
  'no lease': { missing: missingLeaseEnd, subjects: readNetwork },
  port: { missing: missingPort, subjects: readNetwork },
  metadata: { missing: missingMetadata, subjects: readNetwork },
};

async function missingFromNetwork(connection: Connection, expected: Expected<'network'>): Promise<string | undefined> {
  const found = await unlessMissing(connection.call('getNetwork', { network: expected.network }));
  if (expected.defined === false) return found?.persistent ? 'the network is still defined' : undefined;
  if (!found)
    return expected.active === false || expected.autostart === false ? undefined : 'the network does not exist';
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

/** Asks the kernel for the bridge: libvirt reports a network as active also without one. */
async function missingBridge({ bridge }: Expected<'network'>): Promise<string | undefined> {
  if (!bridge) return undefined;
  const link = (await readLinks()).find(({ name }) => name === bridge.name);
  if (!link) return `the bridge ${bridge.name} does not exist`;
  const addresses = new Set(link.addresses.map(cidr));
  const missing = bridge.addresses.filter((address) => !addresses.has(address));
  return missing.length > 0 ? `the bridge ${bridge.name} lacks the address ${missing.join(', ')}` : undefined;
}

/** Both definitions of a network mean what was sent. */
async function missingFromDefinition(
  connection: Connection,
  expected: Expected<'definition'>,
): Promise<string | undefined> {
  const { xml, inactiveXml, active } = await connection.call('getNetwork', { network: expected.network });
  const check = (what: string, wanted: string | undefined, found: string | undefined): string | undefined => {
    if (wanted === undefined) return undefined;
    if (found === undefined) return `the network has no ${what}`;
    const [first] = realDifferences(parseNetwork(wanted), parseWrittenNetwork(found));
    return first && `${first.path} of its ${what} is not as asked`;
  };
  return (
    check('configuration', expected.config, inactiveXml) ??
    check('live definition', expected.live, active ? xml : undefined)
  );
}

async function missingFromSection(connection: Connection, expected: Expected<'section'>): Promise<string | undefined> {
  const { section, parentIndex, xml, present, live, config } = expected;
  const found = await connection.call('getNetwork', { network: expected.network });
  const isMet = (network: Network): boolean => hasEntry(network, section, parentIndex, xml) === present;
  const word = present ? 'not there' : 'still there';
  if (live && found.active && !isMet(parseWrittenNetwork(found.xml))) return `the entry is ${word}`;
  const configured = found.inactiveXml ?? (found.active ? undefined : found.xml);
  if (config && configured !== undefined && !isMet(parseWrittenNetwork(configured)))
    return `the entry is ${word} in the configuration`;
  return undefined;
}

async function missingLeaseEnd(
  connection: Connection,
  { network, mac, address }: Expected<'no lease'>,
): Promise<string | undefined> {
  const leases = await connection.call('listNetworkLeases', { network, mac });
  return leases.some((lease) => lease.address === address) ? `${address} is still leased to ${mac}` : undefined;
}

async function missingPort(
  connection: Connection,
  { network, port, present }: Expected<'port'>,
): Promise<string | undefined> {
  const ports = (await unlessMissing(connection.call('listNetworkPorts', { network }))) ?? [];
  if (ports.some(({ uuid }) => uuid === port) === present) return undefined;
  return `the network ${present ? 'has no' : 'still has the'} port ${port}`;
}

/** Whether it is set, and not to what: libvirt writes elements in its own way. */
async function missingMetadata(
  connection: Connection,
  { present, ...place }: Expected<'metadata'>,
): Promise<string | undefined> {
  const found = await readMetadata(connection, place);
  if (found.every(({ value }) => ((value ?? '') !== '') === present)) return undefined;
  return `the ${place.type} of the network is ${present ? 'not set' : 'still set'}`;
}
