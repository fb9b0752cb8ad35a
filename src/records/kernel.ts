/** What a kernel can do of host networking, and what a bridge has learned. */

/** What the kernel has, built in or as a module. */
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
