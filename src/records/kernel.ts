/** Features of a kernel for host networking, and the MAC addresses that a bridge has learned. */

/** The features of a kernel, built in or as modules. */
export type KernelFeatures = Readonly<Record<'vlan' | 'bridgeVlanFiltering' | 'bond' | 'macvlan' | 'macvtap', boolean>>;

/** An entry of a bridge's forwarding database. Source: bridge(8) of iproute2 */
export interface FdbRecord {
  readonly mac: string;
  readonly port: string;
  /** Where the bridge filters VLANs. */
  readonly vlan: number | undefined;
  /** Seconds since a frame came from it. */
  readonly seen: number | undefined;
  /** Learned from a frame; the others are the bridge's and its ports' own, or were set. */
  readonly learned: boolean;
}
