/** The candidates of completion, and the source of names. */
import type { Streams } from '../output/streams.ts';

export interface Candidate {
  /** The whole word, not only what is missing of it. */
  readonly word: string;
  readonly description?: string | undefined;
}

/** The names of existing objects. Each query may fail, and then has no candidates. */
export interface Names {
  networks(): Promise<readonly Candidate[]>;
  domains(): Promise<readonly Candidate[]>;
  nics(domain: string): Promise<readonly Candidate[]>;
  bridges(): Promise<readonly Candidate[]>;
  links(): Promise<readonly Candidate[]>;
  /** Network namespaces that cables of the host lead to. */
  namespaces(): Promise<readonly Candidate[]>;
  /** Links that can be ports of a bridge or bond. */
  ports(): Promise<readonly Candidate[]>;
  /** Links that can carry VLANs. */
  trunks(): Promise<readonly Candidate[]>;
  /** The numbers of `history`. */
  changes(): Promise<readonly Candidate[]>;
  /** As `forward remove` takes them. */
  forwards(): Promise<readonly Candidate[]>;
  /** Subnets with source NAT. */
  sources(): Promise<readonly Candidate[]>;
  templates(): Promise<readonly Candidate[]>;
  files(prefix: string): Promise<readonly Candidate[]>;
}

/** `complete` of complete.ts, as those get it who cannot load all commands. */
export type Complete = (
  words: readonly string[],
  streams: Streams,
  namesOf: (uri: string | undefined) => Names,
) => Promise<readonly Candidate[]>;
