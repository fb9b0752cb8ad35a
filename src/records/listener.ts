/** A socket that waits for packets or connections. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** `*` where it is every address of both families. */
  readonly address: string;
  /** The link that it is bound to. */
  readonly device: string | undefined;
  readonly port: number;
  /** Undefined where we may not know: other users' processes are root's to see. */
  readonly process: { readonly name: string; readonly pid: number } | undefined;
}
