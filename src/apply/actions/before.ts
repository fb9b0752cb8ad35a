/** What an action of libvirt changes, read before it: where a refusal has left the same, the action is as if never begun. */
import { isDeepStrictEqual } from 'node:util';
import { KvmnetError, unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { DomainRecord, NetworkRecord } from '../../libvirt/records.ts';
import type { Action } from '../../plan/step.ts';
import { rowOf } from './rows.ts';

/** The record of a network or domain with both definitions; undefined where it does not exist. */
type Subject = Omit<NetworkRecord, 'leases'> | DomainRecord | undefined;

/** Tells later whether the network or domain of an action still is as it is now. */
export interface Before {
  readonly isUnchanged: () => Promise<boolean>;
}

/** Reads what an action is about; undefined for actions of the host, and where it cannot be read. */
export async function readBefore(connection: Connection, action: Action): Promise<Before | undefined> {
  try {
    const read = reader(connection, action);
    if (!read) return undefined;
    const before = await read();
    return { isUnchanged: async () => isDeepStrictEqual(before, await read()) };
  } catch (error) {
    if (error instanceof KvmnetError) return undefined; // the action itself says what is wrong
    throw error;
  }
}

function reader(connection: Connection, action: Action): (() => Promise<Subject>) | undefined {
  const target = rowOf(action).target(action);
  if (target === undefined) return undefined;
  return 'network' in target ? networkReader(connection, target.network) : domainReader(connection, target.domain);
}

function networkReader(connection: Connection, network: string): () => Promise<Subject> {
  return async () => {
    const found = await unlessMissing(connection.call('getNetwork', { network }));
    if (!found) return undefined;
    const { leases: _, ...record } = found;
    return record;
  };
}

function domainReader(connection: Connection, domain: string): () => Promise<Subject> {
  return () => unlessMissing(connection.call('getDomain', { domain }));
}
