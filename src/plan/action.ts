/** The kinds of actions, with the exact data of each. What is known of a kind is its row in actions/. */
import type { PortVlan } from '../records/link.ts';
import type { IpCommand, WantedLinks } from '../records/desired-link.ts';
import type { NatBackend, NatRules } from '../records/nat.ts';

/** One change, in the words of libvirt's API. Domains and networks are named by UUID: a name could be another's UUID. */
export type Action = NetworkAction | DomainAction | NicAction | FilterAction | InterfaceAction | HostAction;

export type NetworkAction =
  | { readonly call: 'networkDefine'; readonly xml: string; readonly validate?: boolean }
  | { readonly call: 'networkCreate'; readonly xml: string; readonly validate?: boolean }
  | { readonly call: 'networkUndefine'; readonly network: string }
  | { readonly call: 'networkUndefineKeepingLeases'; readonly xml: string }
  | { readonly call: 'networkStart'; readonly network: string }
  | { readonly call: 'networkDestroy'; readonly network: string }
  | { readonly call: 'networkSetAutostart'; readonly network: string; readonly autostart: boolean }
  | NetworkUpdate
  | { readonly call: 'networkPortCreate'; readonly network: string; readonly xml: string; readonly validate?: boolean }
  | { readonly call: 'networkPortDelete'; readonly network: string; readonly port: string }
  | ({
      /** Without a value it is removed. */
      readonly call: 'networkSetMetadata';
      readonly value?: string;
      /** Of an element: the prefix by which its namespace is known in the XML. */
      readonly prefix?: string;
    } & MetadataPlace);

export type DomainAction =
  | { readonly call: 'domainDefine'; readonly xml: string; readonly validate?: boolean }
  | ({ readonly call: 'domainUndefine' } & DomainCall)
  | ({ readonly call: 'domainStart' } & DomainCall)
  | ({ readonly call: 'domainShutdown' } & DomainCall)
  | ({ readonly call: 'domainDestroy' } & DomainCall)
  | ({ readonly call: 'domainReboot' } & DomainCall)
  | { readonly call: 'domainSuspend'; readonly domain: string }
  | { readonly call: 'domainResume'; readonly domain: string }
  | { readonly call: 'domainSetAutostart'; readonly domain: string; readonly autostart: boolean };

/** On network filters, and on their bindings to taps. */
export type FilterAction =
  | { readonly call: 'filterDefine'; readonly xml: string; readonly validate?: boolean }
  | { readonly call: 'filterUndefine'; readonly filter: string }
  | { readonly call: 'filterBindingCreate'; readonly xml: string; readonly validate?: boolean }
  | { readonly call: 'filterBindingDelete'; readonly portDev: string };

/** On the host's interfaces as libvirt configures them, and on its transactions of them all. */
export type InterfaceAction =
  | { readonly call: 'interfaceDefine'; readonly xml: string; readonly validate?: boolean }
  | { readonly call: 'interfaceUndefine'; readonly name: string }
  | { readonly call: 'interfaceStart'; readonly name: string }
  | { readonly call: 'interfaceDestroy'; readonly name: string }
  | { readonly call: 'interfaceTransaction'; readonly phase: 'begin' | 'commit' | 'rollback' };

/** Changes of a device of a domain. */
export type NicAction =
  | ({ readonly call: 'domainAttachDevice' } & DeviceChange)
  | ({ readonly call: 'domainUpdateDevice' } & DeviceChange)
  | ({ readonly call: 'domainDetachDevice' } & DeviceChange)
  | ({ readonly call: 'domainDetachDeviceAlias' } & AliasChange)
  | ({ readonly call: 'domainSetInterfaceRates' } & RateChange);

/** A call about a whole domain, with libvirt's own numbers for its options; none is 0. */
interface DomainCall {
  readonly domain: string;
  readonly flags?: number;
}

/** The limits of a running domain's NIC in kilobytes a second, and `burst` in kilobytes; 0 is none. */
export interface RateChange {
  readonly domain: string;
  /** The tap or the MAC. */
  readonly device: string;
  readonly inbound: Rate;
  readonly outbound: Rate;
}

interface Rate {
  readonly average: number;
  readonly peak: number;
  readonly burst: number;
  /** Guaranteed; of what the guest receives only. */
  readonly floor?: number;
}

/** A piece of a network's metadata, and its scopes; with neither, the one in use. */
export interface MetadataPlace {
  readonly network: string;
  readonly type: 'description' | 'title' | 'element';
  /** The namespace of an `element`. */
  readonly uri?: string;
  readonly live: boolean;
  readonly config: boolean;
}

/** virNetworkUpdate, with libvirt's own numbers: a section of a network is changed without a restart. */
export interface NetworkUpdate {
  readonly call: 'networkUpdate';
  readonly network: string;
  readonly command: number;
  readonly section: number;
  readonly parentIndex: number;
  readonly xml: string;
  readonly flags: number;
}

/**
 * Actions on the host that libvirt has no call for. Those on a network remove the remains of a network, and refuse while that network is
 * active.
 */
export type HostAction =
  | {
      /** ip(8), all in one process: each has its arguments. */
      readonly call: 'hostLinks';
      readonly commands: readonly IpCommand[];
      /** In this network namespace of the host, where it is not the host's own. */
      readonly netns?: string;
    }
  | {
      /** Restores links: the commands are computed when it is applied, from the links at that time. */
      readonly call: 'hostRestore';
      readonly links: WantedLinks;
    }
  | ({
      readonly call: 'hostWriteFile';
      /** All of its new content; null removes it. */
      readonly text: string | null;
      /** The file that a new one gets its extended attributes from. */
      readonly like?: string;
    } & FilePlace &
      FileAttributes)
  | ({ readonly call: 'hostSetPortVlans' } & PortVlans)
  | ({ readonly call: 'hostLinkVlans' } & LinkVlans)
  | {
      /** The name servers that systemd-resolved asks over a link; null: none. */
      readonly call: 'hostSetDns';
      readonly dev: string;
      readonly scope: DnsScope | null;
    }
  | ({ readonly call: 'hostSetNat' } & NatOf)
  | ({ readonly call: 'hostSysctl' } & SysctlValue)
  | { readonly call: 'hostSetMaster'; readonly link: string; readonly master: string }
  | ({
      /** Releases a client's IPv4 address at a network's dnsmasq. */
      readonly call: 'hostEndLease';
      readonly network: string;
      /** The network's own address in the subnet. */
      readonly server: string;
    } & LeaseOf)
  | { readonly call: 'hostEndDnsmasq'; readonly network: string; readonly name: string }
  | { readonly call: 'hostDeleteBridge'; readonly network: string; readonly bridge: string; readonly mac: string }
  | ({ readonly call: 'hostDeleteRules'; readonly network: string } & RulesOf);

/** All port forwards and source NAT of the host, whose rules replace the previous rules. */
export interface NatOf {
  readonly rules: NatRules;
  readonly backend: NatBackend;
}

export interface SysctlValue {
  /** As sysctl(8) names it: a dot of a device's name is a slash. */
  readonly name: string;
  readonly value: string;
}

export interface FilePlace {
  readonly path: string;
  /** The mounted image that it is in: no link leads out of it. */
  readonly root?: string;
}

/** Attributes of a file. An existing file keeps its own when it is written. */
export interface FileAttributes {
  readonly mode: number;
  /** Left out of a file that is new. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Where its path is a symbolic link: where that leads to. */
  readonly link?: string;
}

export interface LeaseOf {
  readonly mac: string;
  readonly address: string;
}

/** The name servers and domains of one link in systemd-resolved. */
export interface DnsScope {
  readonly servers: readonly string[];
  /** `~.` is every domain. */
  readonly domains: readonly string[];
  readonly isDefault: boolean;
}

/** Firewall rules of libvirt's own chains that name a bridge, or one of these subnets as their source; `doubles` are all but the first of a kind. */
export interface RulesOf {
  readonly bridge: string;
  readonly subnets: readonly string[];
  readonly only: 'all' | 'doubles';
}

/** The VLANs of a running guest's NIC on a bridge that filters them; none disconnects it. Its tap is known once it is attached. */
export interface PortVlans {
  readonly domain: string;
  readonly mac: string;
  readonly vlans: readonly PortVlan[];
}

/** VLANs to add to or remove from a port of a bridge; or from the bridge itself, which VLAN devices on it need. */
export interface LinkVlans {
  readonly link: string;
  /** The link is the bridge itself. */
  readonly self: boolean;
  readonly add: readonly PortVlan[];
  readonly remove: readonly number[];
}

/** A device's XML, and the scopes of the domain to change. */
export interface DeviceChange {
  readonly domain: string;
  readonly xml: string;
  readonly live: boolean;
  readonly config: boolean;
}

/** A device's alias, and the scopes of the domain to remove it from. */
export interface AliasChange {
  readonly domain: string;
  readonly alias: string;
  readonly live: boolean;
  readonly config: boolean;
}
