/** A DHCP lease as virNetworkGetDHCPLeases gives it. */
export interface Lease {
  readonly interface: string;
  /** Seconds since the epoch; 0 for a lease without end. */
  readonly expires: number;
  readonly family: 'ipv4' | 'ipv6';
  readonly mac: string | undefined;
  readonly address: string;
  readonly prefix: number;
  readonly hostname: string | undefined;
  readonly clientId: string | undefined;
}
