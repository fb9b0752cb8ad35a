import type { NetworkState, Seen, State } from '../../../state/state.ts';
import type { Network } from '../../../xml/network.ts';
import type { Report } from '../../finding.ts';
import type { NetworkKind } from '../../../state/network-kind.ts';
import type { Cidr } from '../../../values/subnet.ts';

/** The state that a definition is checked against; it may conflict with domains and links that were not read. */
export type CheckState = Seen<'networks'> & Partial<Pick<State, 'domains' | 'host'>>;

/** The input of a check of a network. */
export interface Subject {
  readonly network: Network;
  /** Undefined: a forward mode that kvmnet does not know. */
  readonly kind: NetworkKind | undefined;
  readonly state: CheckState;
  /** The network as it is, where this one redefines it (the same UUID). */
  readonly existing: NetworkState | undefined;
  /** All networks but the existing one. */
  readonly others: readonly NetworkState[];
  /** The readable addresses among `network.ips`, by their index there. */
  readonly addresses: ReadonlyMap<number, Cidr>;
}

/** One group of checks: reports, and refuses nothing itself. */
export type Check = (subject: Subject, report: Report) => void;
