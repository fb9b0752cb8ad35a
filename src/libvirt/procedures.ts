/**
 * The requests to a connection. The type of this table is the protocol between the threads: nothing is declared twice.
 * Every procedure is synchronous, does one whole task and returns plain data.
 */
import koffi from 'koffi';
import * as domains from './domains.ts';
import { consoleClose, consoleOpen, consoleSend, consoleTake } from './consoles.ts';
import * as interfaces from './interfaces.ts';
import * as metadata from './metadata.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import { check, present } from './native.ts';
import * as networks from './networks.ts';
import * as nwfilters from './nwfilters.ts';
import * as xpath from './xpath.ts';
import { withoutSsh } from './ssh.ts';
import * as snapshots from './snapshots.ts';
import * as stats from './stats.ts';
import * as wholeDomains from './whole-domains.ts';
import type { ConnectionRecord, NodeRecord } from './records.ts';

const nodeInfoStruct = koffi.struct('virNodeInfo', {
  model: koffi.array('char', 32, 'String'),
  memory: 'ulong',
  cpus: 'uint',
  mhz: 'uint',
  nodes: 'uint',
  sockets: 'uint',
  cores: 'uint',
  threads: 'uint',
});

/**
 * Returns facts about the connection: URI, hypervisor, versions. Not the name of its host: libvirtd answers virConnectGetHostname only when a
 * name server has answered it, and that may take half a minute.
 */
function describe(connection: Pointer): ConnectionRecord {
  const libvirtVersion: [number | null] = [null];
  check('virConnectGetLibVersion', c.virConnectGetLibVersion(connection, libvirtVersion));
  return {
    uri: withoutSsh(present('virConnectGetURI', c.virConnectGetURI(connection))),
    hypervisor: present('virConnectGetType', c.virConnectGetType(connection)),
    libvirtVersion: Number(libvirtVersion[0]),
  };
}

/** The version of the client library: major * 1,000,000 + minor * 1,000 + release. */
function getClientVersion(): number {
  const version: [number | null] = [null];
  check('virGetVersion', c.virGetVersion(version, null, null));
  return Number(version[0]);
}

/** True while the connection's peer answers keep-alives. */
function isAlive(connection: Pointer): boolean {
  return check('virConnectIsAlive', c.virConnectIsAlive(connection)) === 1;
}

function nodeInfo(connection: Pointer): NodeRecord {
  const buffer = Buffer.alloc(koffi.sizeof(nodeInfoStruct));
  check('virNodeGetInfo', c.virNodeGetInfo(connection, buffer));
  const { memory, ...info } = koffi.decode(buffer, nodeInfoStruct) as Omit<NodeRecord, 'memoryKiB'> & {
    readonly memory: number | bigint;
  };
  const { model, cpus, mhz, nodes, sockets, cores, threads } = info;
  return { model, memoryKiB: Number(memory), cpus, mhz, nodes, sockets, cores, threads };
}

export const procedures = {
  describe,
  getClientVersion,
  isAlive,
  nodeInfo,
  ...networks,
  ...metadata,
  ...domains,
  ...{ consoleOpen, consoleSend, consoleTake, consoleClose },
  ...interfaces,
  ...nwfilters,
  ...snapshots,
  ...stats,
  ...wholeDomains,
  ...xpath,
};

export type Procedures = typeof procedures;
export type ProcedureName = keyof Procedures;
/** The arguments of a procedure, after the connection: none, or one object. */
export type ProcedureArguments<P extends ProcedureName> =
  Parameters<Procedures[P]> extends [unknown, infer A] ? [A] : [];
export type ProcedureResult<P extends ProcedureName> = ReturnType<Procedures[P]>;
