/** Changes that are reverted unless the user confirms them in time. */

/** Who changes the link that he comes in by may not be able to take it back: the host does, unless he shows that he still gets in. */
export interface Confirmation {
  /** Seconds from the first change on. */
  readonly within: number;
  /** The value of SSH_CONNECTION, where it is in danger: whoever confirms must come by another connection. */
  readonly ssh?: string;
  /** Those that answered before must answer after it. */
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
