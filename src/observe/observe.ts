/** libvirt and the host's kernel -> State. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { DomainRecord, NetworkRecord } from '../libvirt/records.ts';
import { naturalOrder } from '../values/natural.ts';
import type { DomainState, NetworkState, State, Unreadable } from '../state/state.ts';
import { parseDomain } from '../xml/domain.ts';
import { parseNetwork } from '../xml/network.ts';
import { observeHost, type HostLook } from './host.ts';
import { isLocal } from './uri.ts';

/** How much to look at; everything by default. What is left out is empty in the State. */
export interface ObserveOptions extends Omit<HostLook, 'on'> {
  readonly networks?: boolean;
  readonly domains?: boolean;
  readonly leases?: boolean;
  /** Network filters, which are left out unless they are asked for. */
  readonly filters?: boolean;
}

/**
 * Reads the present state.
 * @throws the errors of the connection
 */
export async function observe(connection: Connection, options: ObserveOptions = {}): Promise<State> {
  const { networks = true, domains = true, leases = true, links = true, routes = true } = options;
  const [host, description, networkRecords, domainRecords, filters] = await Promise.all([
    // First: its programs run while libvirt is asked, which may be on this thread.
    isLocal(connection.uri) && (links || routes) ? observeHost(options) : undefined,
    connection.call('describe'),
    networks ? connection.call('listNetworks', { leases }) : [],
    domains ? connection.call('listDomains') : [],
    options.filters === true ? filterNames(connection) : undefined,
  ]);
  const { uri, hypervisor, libvirtVersion } = description;
  const unreadable: Unreadable[] = [];
  return {
    connection: { uri, hypervisor, libvirtVersion },
    networks: readEach('network', networkRecords, networkState, unreadable).sort(byName),
    domains: readEach('domain', domainRecords, domainState, unreadable).sort(byName),
    host,
    ...(unreadable.length === 0 ? {} : { unreadable }),
    ...(filters === undefined ? {} : { filters }),
  };
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return naturalOrder(left.name, right.name);
}

/** Those that can be read; the others go to `unreadable`, with the reason. */
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
  const network = parseNetwork(record.xml);
  const same = record.inactiveXml === record.xml;
  return {
    ...record,
    bridge: network.bridge?.name,
    network,
    inactive: record.inactiveXml === undefined ? undefined : same ? network : parseNetwork(record.inactiveXml),
  };
}

/** A domain as libvirt reported it, with its definitions parsed. */
export function domainState(record: DomainRecord): DomainState {
  const domain = parseDomain(record.xml);
  const same = record.inactiveXml === record.xml;
  return {
    ...record,
    domain,
    inactive: record.inactiveXml === undefined ? undefined : same ? domain : parseDomain(record.inactiveXml),
  };
}
