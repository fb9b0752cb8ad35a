/** The results of procedures: plain data, which crosses threads by structured clone. */
import type { Lease } from '../records/lease.ts';

/** Facts about a connection. */
export interface ConnectionRecord {
  readonly uri: string;
  /** virConnectGetType: `QEMU`, `LXC`, `TEST`, … */
  readonly hypervisor: string;
  /** The daemon's libvirt: major * 1,000,000 + minor * 1,000 + release. */
  readonly libvirtVersion: number;
}

/** Console events. `end` without an error: the guest's side was closed, as when the guest stops. */
export type ConsoleEvent =
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  /** The number of bytes that were sent. */
  | { readonly kind: 'sent'; readonly bytes: number }
  | { readonly kind: 'end'; readonly error?: Error | undefined };

export interface NodeRecord {
  readonly model: string;
  readonly memoryKiB: number;
  readonly cpus: number;
  readonly mhz: number;
  /** NUMA cells. */
  readonly nodes: number;
  /** Sockets in each NUMA cell, cores in each socket, threads in each core. */
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}

export interface NetworkRecord {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** The live definition of an active network, else the configuration. */
  readonly xml: string;
  /** The definition at the next start; undefined for a transient network. */
  readonly inactiveXml: string | undefined;
  /** Of one in a list: why libvirt did not give its definition, which is empty then. */
  readonly problem?: string | undefined;
  /** Undefined where they were not asked for, or where the driver has none. */
  readonly leases: readonly LeaseRecord[] | undefined;
}

export interface LeaseRecord extends Lease {
  readonly iaid: string | undefined;
}

/** A domain without its definitions. */
export interface DomainStateRecord {
  readonly name: string;
  readonly uuid: string;
  readonly id: number | undefined;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** virDomainState in words. */
  readonly state: string;
}

export interface DomainRecord extends DomainStateRecord {
  /** Of one in a list: why libvirt did not give its definition, which is empty then. */
  readonly problem?: string | undefined;
  readonly xml: string;
  readonly inactiveXml: string | undefined;
}

/** Resources that a domain has and has used. */
export interface DomainInfoRecord {
  /** `hvm`, `linux`, `exe`, … */
  readonly osType: string;
  readonly state: string;
  readonly cpus: number;
  /** Nanoseconds. */
  readonly cpuTimeNs: number;
  readonly maxMemoryKiB: number;
  readonly memoryKiB: number;
  /** Undefined where the driver has no managed save. */
  readonly hasManagedSave: boolean | undefined;
  readonly security: SecurityRecord | undefined;
}

/** Data of a domain outside its definition. */
export interface DomainKeptRecord {
  /** The memory that it resumes with at its next start. */
  readonly managedSave: boolean;
  /** How many snapshots and checkpoints libvirt knows of. */
  readonly snapshots: number;
  readonly checkpoints: number;
}

/** The host's security driver, and the label of a running domain; empty for another one. */
export interface SecurityRecord {
  readonly model: string;
  readonly doi: string;
  readonly label: string;
  readonly enforcing: boolean;
}

/** A snapshot of a domain, or the memory that it has saved and resumes with. */
export interface SavedRecord {
  readonly domain: string;
  readonly kind: 'snapshot' | 'managed save';
  /** `<domainsnapshot>`, or the `<domain>` that is in the saved memory. */
  readonly xml: string;
}

/** One interface of a domain with the addresses that a source knows of it. */
export interface DomainAddressRecord {
  readonly interface: string;
  readonly mac: string | undefined;
  readonly addresses: readonly {
    readonly family: 'ipv4' | 'ipv6';
    readonly address: string;
    readonly prefix: number;
  }[];
}

export interface NetworkPortRecord {
  readonly uuid: string;
  readonly xml: string;
}

/** A network filter. */
export interface FilterRecord {
  readonly name: string;
  readonly uuid: string;
}

/** A tap, and the name of the filter before it. */
export interface FilterBindingRecord {
  readonly portDev: string;
  readonly filter: string;
}

/** A host interface as the interface driver sees it. */
export interface InterfaceRecord {
  readonly name: string;
  readonly mac: string | undefined;
  readonly active: boolean;
}

/** Something that happened to a network, a domain or the connection. */
export type EventRecord =
  | { readonly object: 'network'; readonly name: string; readonly uuid: string; readonly event: string }
  | {
      readonly object: 'domain';
      readonly name: string;
      readonly uuid: string;
      readonly event: string;
      /** Why, where libvirt knows it and it is not the usual reason: `destroyed`, `migrated`, … */
      readonly detail?: string;
    }
  /** The daemon has gone; `name` is the URI. */
  | { readonly object: 'connection'; readonly name: string; readonly event: 'closed'; readonly detail: string }
  | {
      readonly object: 'device';
      readonly name: string;
      readonly uuid: string;
      readonly event: 'added' | 'removed' | 'removal failed';
      /** The device's alias, for example `net0`. */
      readonly alias: string;
    };
