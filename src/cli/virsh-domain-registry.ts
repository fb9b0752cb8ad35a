/** virsh's own names for the NICs of domains. */
import type { VirshEntry } from './virsh/entry.ts';

export const virshDomainEntries: readonly VirshEntry[] = [];
