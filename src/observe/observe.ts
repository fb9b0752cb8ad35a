/** libvirt and the host's kernel -> State. */
import { KvmnetError, unlessMissing } from '../errors.ts';
import { domainsWithout, type SearchedDomains } from '../host/files/domains.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { DomainRecord, NetworkRecord } from '../libvirt/records.ts';
import { naturalOrder } from '../values/natural.ts';
import type { DomainState, NetworkState, Part, Seen, State, Unreadable } from '../state/state.ts';
import type { Domain } from '../xml/domain.ts';
import { lazyDomain } from '../xml/lazy-domain.ts';
import { parseWrittenNetwork } from '../xml/network.ts';
import { readNamed } from '../state/unreadable.ts';
import { observeHost, type HostObserveOptions } from './host.ts';
import { daemonOf, isLocal } from './uri.ts';

/** How much to look at; everything by default. */
export interface ObserveOptions<P extends Part = Part> extends HostObserveOptions {
  /** The only parts to read; the others are absent in the result. */
  readonly only?: readonly P[];
  readonly leases?: boolean;
  /** The only domains to read, by name or UUID; all if one of them does not exist. */
  readonly domains?: readonly string[] | undefined;
  /** Where only some domains are read: also domains that mention one of these MAC addresses. */
  readonly macs?: readonly string[];
  /** Network filters, which are left out unless they are asked for. */
  readonly filters?: boolean;
}

/** A connection that is opened once the host's own programs run. */
export interface Opening {
  readonly uri: string;
  open(): Promise<Connection>;
}

/**
 * Reads the present state.
 * @throws the errors of the connection
 */
export async function observe<P extends Part = Part>(
  connected: Connection | Opening,
  options: ObserveOptions<P> = {},
): Promise<Seen<P>> {
  const { leases = true } = options;
  const reads = readerOf(options);
  // First: its programs run while libvirt is asked, which may be on this thread.
  const hostRead = reads('host') && (isLocal(connected.uri) || options.on) ? observeHost(options) : undefined;
  hostRead?.catch(() => undefined); // reported below, if the connection opens
  const without = options.macs && domainsWithoutMacs(connected.uri, options.macs);
  const connection = 'open' in connected ? await connected.open() : connected;
  const [host, description, networkRecords, domainRecords, filters] = await Promise.all([
    hostRead,
    connection.call('describe'),
    reads('networks') ? connection.call('listNetworks', { leases }) : [],
    reads('domains') ? domainRecordsOf(connection, options, without) : [],
    options.filters === true ? filterNames(connection) : undefined,
  ]);
  const { uri, hypervisor, libvirtVersion } = description;
  const unreadable: Unreadable[] = [];
  const state = {
    networks: readEach('network', networkRecords, networkState, unreadable).sort(byName),
    domains: readEach('domain', domainRecords, domainState, unreadable).sort(byName),
    host,
  };
  return {
    connection: { uri, hypervisor, libvirtVersion },
    ...(unreadable.length === 0 ? {} : { unreadable }),
    ...(filters === undefined ? {} : { filters }),
    ...seenOf(state, options),
  };
}

/** Domains that are known not to mention one of the addresses: a search in files is a tenth of the work of a call for each domain. */
function domainsWithoutMacs(uri: string, macs: readonly string[]): SearchedDomains {
  return daemonOf(uri) === 'qemu:///system' ? domainsWithout(macs) : { defined: [], running: [], isFree: false };
}

async function domainRecordsOf(
  connection: Connection,
  { domains, macs }: Pick<ObserveOptions, 'domains' | 'macs'>,
  without: SearchedDomains | undefined,
): Promise<readonly DomainRecord[]> {
  if (domains === undefined) return connection.call('listDomains');
  const found = await Promise.all(
    domains.map(async (domain) => {
      const record = await unlessMissing(connection.call('getDomain', { domain }));
      return record?.name === domain || record?.uuid === domain.toLowerCase() ? record : undefined;
    }),
  );
  const named = found.filter((record) => record !== undefined);
  // The answer for an unknown name has the names of all, and a number may be a domain's name.
  if (named.length < found.length) return connection.call('listDomains');
  const others = macs && without ? await connection.call('listDomainsWith', { texts: macs, without }) : [];
  return [...new Map([...others, ...named].map((record) => [record.uuid, record])).values()];
}

/** Whether a part is to be read. */
export function readerOf({ only }: Pick<ObserveOptions, 'only'>): (part: Part) => boolean {
  return (part) => only?.includes(part) ?? true;
}

/** Only the parts that were read. */
export function seenOf<P extends Part>(parts: Pick<State, Part>, options: ObserveOptions<P>): Pick<State, P> {
  const reads = readerOf(options);
  return Object.fromEntries(Object.entries(parts).filter(([part]) => reads(part as Part))) as Pick<State, P>;
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return naturalOrder(left.name, right.name);
}

/** The states of the records that can be read; the other records go to `unreadable`, with the reason. */
function readEach<R extends NetworkRecord | DomainRecord, S>(
  object: Unreadable['object'],
  records: readonly R[],
  read: (record: R) => S,
  unreadable: Unreadable[],
): S[] {
  return records.flatMap((record) => {
    const { name, uuid, active, persistent, autostart } = record;
    const isDomain = 'state' in record;
    const known = { object, name, uuid, active, persistent, autostart };
    const leave = (problem: string): readonly S[] => {
      const ofDomain = { id: isDomain ? record.id : undefined, state: isDomain ? record.state : undefined };
      unreadable.push({ ...known, ...ofDomain, problem });
      return [];
    };
    if (record.problem !== undefined) return leave(record.problem);
    try {
      return [read(record)];
    } catch (error) {
      if (!(error instanceof KvmnetError) || error.code !== 'INPUT') throw error;
      return leave(error.message);
    }
  });
}

/** Undefined where the driver knows no filters. */
async function filterNames(connection: Connection): Promise<readonly string[] | undefined> {
  try {
    return (await connection.call('listFilters')).map(({ name }) => name);
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'DEPENDENCY') return undefined;
    throw error;
  }
}

/** A network as libvirt reported it, with its definitions parsed. */
export function networkState(record: NetworkRecord): NetworkState {
  const network = parseWrittenNetwork(record.xml);
  const same = record.inactiveXml === record.xml;
  return {
    ...record,
    bridge: network.bridge?.name,
    network,
    inactive: record.inactiveXml === undefined ? undefined : same ? network : parseWrittenNetwork(record.inactiveXml),
  };
}

/** A domain as libvirt reported it; its definitions are parsed as far as they are used. */
export function domainState(record: DomainRecord): DomainState {
  const { name, xml, inactiveXml } = record;
  const read = (text: string): Domain => lazyDomain(text, (part) => readNamed('domain', name, part));
  const domain = read(xml);
  const inactive = inactiveXml === xml ? domain : inactiveXml === undefined ? undefined : read(inactiveXml);
  return { ...record, domain, inactive };
}
