/** Everything that plans of port forwards and source NAT are made of, besides libvirt's networks and domains. */
import type { Listener } from '../records/listener.ts';
import type { NatBackend, NatRules } from '../records/nat.ts';
import type { Ip } from '../values/address.ts';
import type { NatTemplates } from './nat-files.ts';
import type { Table } from './ruleset.ts';

/** A file as it is on the host. */
export interface FileNow {
  readonly text: string;
  readonly mode: number;
  readonly link?: string | undefined;
}

export interface NatFacts {
  /** The rules of the host's file. */
  readonly rules: NatRules;
  readonly backend: NatBackend;
  readonly tables: readonly Table[];
  /** By sysctl(8)'s names. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** The files that exist, by path. */
  readonly files: ReadonlyMap<string, FileNow>;
  readonly templates: NatTemplates;
  /** True if the daemon started before the first hook for its networks existed: it does not run hooks then. */
  readonly isHookUnnoticed: boolean;
}

/** Facts that only new forwards need: their ports and the addresses of guests have to be free. */
export interface ForwardFacts extends NatFacts {
  readonly listeners: readonly Listener[];
  /** Addresses that a guest cannot get, although libvirt neither reserved nor leased them. */
  readonly inUse: readonly Ip[];
}
