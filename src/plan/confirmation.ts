/** Changes that are reverted unless the user confirms them in time. */

/** A change of the link that users connect through may lock them out: the host reverts it, unless they confirm over a new connection. */
export interface Confirmation {
  /** Seconds from the first change on. */
  readonly within: number;
  /** The value of SSH_CONNECTION, if it is at risk: the confirmation must come over another connection. */
  readonly ssh?: string;
  /** Gateways that answered before the change must answer after it. */
  readonly gateways: readonly Gateway[];
}

/** A router next to this host, and the devices behind which it is found before and after a change. */
export interface Gateway {
  readonly address: string;
  readonly before: string;
  readonly after: string;
  /** Seconds that a new port of the bridge passes no frames: STP and the forward delay. */
  readonly delay: number;
}
