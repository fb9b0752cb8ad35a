/** Addresses of guests as libvirt and the kernel report them. */

/** An entry of the kernel's neighbor table. */
export interface Neighbor {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly mac: string;
  readonly dev: string;
  readonly seen: number | undefined;
}

/** The addresses of a domain that a source of virDomainInterfaceAddresses() reports, or why it reports none. */
export type DriverAnswer =
  | {
      readonly source: 'lease' | 'agent';
      readonly interfaces: readonly {
        readonly mac: string | undefined;
        readonly addresses: readonly { readonly family: 'ipv4' | 'ipv6'; readonly address: string }[];
      }[];
    }
  | { readonly silent: string };
