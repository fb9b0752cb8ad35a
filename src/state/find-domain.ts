/** The domain that a user names. */
import { KvmnetError } from '../errors.ts';
import { suggestion } from './nearest.ts';
import type { DomainState, State } from './state.ts';
import { requireReadable } from './unreadable.ts';

/** By exact name, then UUID, then the number of a running one. Throws NOTFOUND with the nearest names. */
export function findDomain(state: Pick<State, 'domains' | 'unreadable'>, name: string): DomainState {
  const found =
    state.domains.find((domain) => domain.name === name) ??
    state.domains.find(({ uuid }) => uuid === name.toLowerCase()) ??
    state.domains.find(({ id }) => id !== undefined && String(id) === name);
  if (found) return found;
  requireReadable(state, 'domain', name);
  const names = state.domains.map((domain) => domain.name);
  throw new KvmnetError('NOTFOUND', `no domain ${JSON.stringify(name)}`, {
    hint: suggestion(name, names, 'kvmnet vm list shows all domains'),
  });
}
