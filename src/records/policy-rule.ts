/** A rule of policy routing, which decides by which table of routes a packet is routed. @see ip-rule(8) */
import type { Link } from './link.ts';

export interface PolicyRule {
  readonly family: Link['addresses'][number]['family'];
  readonly priority: number;
  /** Subnets in CIDR form; undefined: all. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** The link that a packet arrives at: `lo` for packets of the host itself. */
  readonly inDevice: string | undefined;
  /** It has conditions that a path does not show: a mark, a user, a port, `not`. */
  readonly hasOtherConditions: boolean;
  /** `main`, `local`, a name or a number; undefined where it refuses packets or jumps. */
  readonly table: string | undefined;
  /** Routes with a prefix of at most this length do not count: `suppress_prefixlength`. */
  readonly suppressed: number | undefined;
  /** As `ip rule` prints it. */
  readonly text: string;
}
