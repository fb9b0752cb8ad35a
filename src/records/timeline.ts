/** Entries of the timeline of a host. Fields as in `kvmnet watch --json`. */

/** An event of one source. `name` is the network, VM or link that it is about; a lease is of a network, a device of a VM. */
export type Happening =
  | { readonly source: 'libvirt'; readonly object: 'network'; readonly name: string; readonly event: string }
  | {
      readonly source: 'libvirt';
      readonly object: 'domain';
      readonly name: string;
      readonly event: string;
      readonly detail?: string;
    }
  | {
      readonly source: 'libvirt';
      readonly object: 'device';
      readonly name: string;
      readonly event: string;
      readonly alias: string;
    }
  | {
      readonly source: 'libvirt';
      readonly object: 'connection';
      readonly name: string;
      readonly event: 'lost' | 'restored';
      readonly detail?: string;
    }
  | LinkHappening
  | {
      readonly source: 'kernel';
      readonly object: 'address';
      readonly name: string;
      readonly event: 'added' | 'removed';
      /** In CIDR form. */
      readonly address: string;
    }
  | LeaseHappening
  /** Entries that were dropped, because the reader of the output is too slow. */
  | { readonly source: 'kvmnet'; readonly object: 'timeline'; readonly event: 'dropped'; readonly count: number };

export interface LinkHappening {
  readonly source: 'kernel';
  readonly object: 'link';
  readonly name: string;
  readonly event: LinkEvent;
  readonly mac?: string | undefined;
  /** The bridge or bond that it joined or left. */
  readonly master?: string;
  /** The earlier name, MAC address or MTU. */
  readonly before?: string | number;
  readonly mtu?: number;
  /** The VM whose tap it is. */
  readonly domain?: string | undefined;
}

export type LinkEvent =
  'created' | 'deleted' | 'joined' | 'left' | 'up' | 'down' | 'carrier' | 'no carrier' | 'renamed' | 'mac' | 'mtu';

export interface LeaseHappening {
  readonly source: 'dnsmasq';
  readonly object: 'lease';
  /** The network. */
  readonly name: string;
  readonly event: 'added' | 'ended';
  readonly address: string;
  readonly mac?: string | undefined;
  /** As the guest calls itself: text of others. */
  readonly hostname?: string | undefined;
  /** The VM that has a NIC with this MAC address. */
  readonly domain?: string | undefined;
}

/** A happening with its time: ISO 8601, UTC. */
export type TimelineEntry = { readonly time: string } & Happening;

/** One message of the kernel about a link or an address. */
export type LinkMessage =
  | {
      readonly kind: 'link';
      readonly isDeleted: boolean;
      readonly index: number;
      readonly name: string;
      readonly up: boolean;
      /** RFC 2863's ifOperStatus in iproute2's words. */
      readonly operstate: string;
      readonly mtu: number;
      readonly master: string | undefined;
      readonly mac: string | undefined;
    }
  | {
      readonly kind: 'address';
      readonly isDeleted: boolean;
      readonly index: number;
      readonly name: string;
      readonly scope: string;
      /** In CIDR form. */
      readonly address: string;
    };
