/** The facts that checks are made of. Each one is read once, and only if a selected check needs it. */
import type { Config } from '../config/config.ts';
import type { ConfigFacts } from '../config/facts.ts';
import type { NatFacts } from '../firewall/nat-facts.ts';
import type { DaemonRecord, NetworkProgram } from '../records/daemon.ts';
import type { KernelFeatures } from '../records/kernel.ts';
import type { Listener } from '../records/listener.ts';
import type { HealthFacts } from '../state/health.ts';
import type { State, WholeHost } from '../state/state.ts';

export interface Facts {
  readonly daemons: DaemonRecord;
  readonly programs: ReadonlySet<NetworkProgram>;
  /** Links and routes of the host. */
  readonly host: WholeHost;
  /** libvirt's networks with their leases, and its domains; and the host. */
  readonly libvirt: State;
  /** Ports and dnsmasq processes; for root also libvirt's rules and definitions on disk. */
  readonly health: HealthFacts;
  /** Present for root alone, who may read the firewall and libvirt's files. */
  readonly root: true;
  readonly kernel: KernelSettings;
  /** The rules of the packet filter, and kvmnet's forwards. */
  readonly nat: NatFacts;
  readonly listeners: readonly Listener[];
  readonly files: ConfigurationFiles;
  /** Seconds since the epoch. */
  readonly now: number;
}

export type FactName = keyof Facts;

export interface KernelSettings {
  /** By sysctl(8)'s names. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** net.ipv4.conf.DEVICE.rp_filter by device, with `all`. */
  readonly reversePathFilters: Readonly<Record<string, string>>;
  /** Undefined if the configuration of the kernel cannot be read. */
  readonly features: KernelFeatures | undefined;
}

/** The files by which managers configure the host. */
export interface ConfigurationFiles {
  readonly configs: readonly Config[];
  readonly facts: ConfigFacts | undefined;
  /** Files that this user may not read. */
  readonly unreadable: readonly string[];
}

/** A fact, or why it could not be read. */
export type Reading<Fact> = { readonly value: Fact } | { readonly reason: string };

/** The facts that were read; an absent one was not. */
export type Readings = { readonly [Name in FactName]?: Reading<Facts[Name]> };
