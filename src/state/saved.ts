/** Saved states of domains, which resume with the NICs that they had. */
import type { Interface } from '../xml/interface.ts';

/** A snapshot, or the memory of a managed save, from which the domain resumes. */
export interface SavedState {
  /** The domain's name. */
  readonly domain: string;
  /** The snapshot's name; undefined for a managed save. */
  readonly snapshot: string | undefined;
  readonly interfaces: readonly Interface[];
}
