/**
 * State: one value with everything about a host that kvmnet plans with. It is read by observe/, and only ever compared,
 * drawn or planned from: nothing here touches the machine.
 */
import type { Domain } from '../xml/domain.ts';
import type { Network } from '../xml/network.ts';
import type { Lease } from '../records/lease.ts';
import type { Link, Route } from '../records/link.ts';

/** A snapshot of what libvirt and, if readable, the host's kernel reported. */
export interface State {
  readonly connection: ConnectionState;
  readonly networks: readonly NetworkState[];
  readonly domains: readonly DomainState[];
  /** Undefined where the kernel is out of sight: a remote URI, or the test driver. */
  readonly host: HostState | undefined;
  /** Networks and domains that are missing in the lists, because their definitions cannot be read. */
  readonly unreadable?: readonly Unreadable[] | undefined;
  /** The names of libvirt's network filters; undefined where they were not asked for, or the driver has none. */
  readonly filters?: readonly string[] | undefined;
}

/** The parts of a State that are read on request. */
export type Part = 'networks' | 'domains' | 'host';

/**
 * A State of which these parts were read; the others are absent, which is not the same as empty. The parameter type of a planner
 * names the parts that it needs, and the compiler refuses a caller that has not read them.
 */
export type Seen<P extends Part> = Omit<State, Part> & Pick<State, P>;

export interface ConnectionState {
  /** As libvirt reports it, for example `qemu:///system`. */
  readonly uri: string;
  /** virConnectGetType: `QEMU`, `LXC`, `TEST`, … */
  readonly hypervisor: string;
  /** The daemon's libvirt: major * 1,000,000 + minor * 1,000 + release. */
  readonly libvirtVersion: number;
}

export interface NetworkState {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** The Linux bridge that libvirt made or uses; undefined for macvtap and hostdev networks. */
  readonly bridge: string | undefined;
  /** The definition in use: the live one of an active network, else the configuration. */
  readonly xml: string;
  readonly network: Network;
  /** The definition at the next start; undefined for a transient network. */
  readonly inactiveXml: string | undefined;
  readonly inactive: Network | undefined;
  /** DHCP leases in force; undefined where they were not read, or the driver has none to give. */
  readonly leases: readonly Lease[] | undefined;
}

export interface DomainState {
  readonly name: string;
  readonly uuid: string;
  /** libvirt's number of a running domain. */
  readonly id: number | undefined;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** virDomainState in words: `running`, `shut off`, `paused`, … */
  readonly state: string;
  /** The live definition of a running domain, else the configuration. */
  readonly xml: string;
  readonly domain: Domain;
  /** The definition at the next boot; undefined for a transient domain. */
  readonly inactiveXml: string | undefined;
  readonly inactive: Domain | undefined;
}

/** A network or domain whose definition cannot be read: reports list it with the reason, and changes leave it alone. */
export interface Unreadable extends Pick<DomainState, 'name' | 'uuid' | 'active' | 'persistent' | 'autostart' | 'id'> {
  readonly object: 'network' | 'domain';
  /** Of a domain: virDomainState in words. */
  readonly state: string | undefined;
  readonly problem: string;
}

export interface HostState {
  readonly links: readonly Link[];
  /** Undefined where they were not read. */
  readonly routes: readonly Route[] | undefined;
}

/** A host all of which was read. */
export interface WholeHost extends HostState {
  readonly routes: readonly Route[];
}
