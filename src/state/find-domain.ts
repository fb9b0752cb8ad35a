/** The domain that a user names. */
import { KvmnetError } from '../errors.ts';
import { suggestion } from '../values/nearest.ts';
import type { DomainState, State } from './state.ts';
import { requireReadable } from './unreadable.ts';

/**
 * By exact name, then UUID, then the number of a running one.
 * @param swapped the hint where the name is one of something else
 * @throws NOTFOUND with the nearest names
 */
export function findDomain(state: Pick<State, 'domains' | 'unreadable'>, name: string, swapped?: string): DomainState {
  const found =
    state.domains.find((domain) => domain.name === name) ??
    state.domains.find(({ uuid }) => uuid === name.toLowerCase()) ??
    state.domains.find(({ id }) => id !== undefined && String(id) === name);
  if (found) return found;
  requireReadable(state, 'domain', name);
  const names = state.domains.map((domain) => domain.name);
  throw new KvmnetError('NOTFOUND', `no domain ${JSON.stringify(name)}`, {
    hint: swapped ?? suggestion(name, names, 'kvmnet vm list shows all domains'),
  });
}

/** The domains that a user names, in that order; all where none is named. */
export function findDomains(
  state: Pick<State, 'domains' | 'unreadable'>,
  names: readonly string[],
): readonly DomainState[] {
  return names.length === 0 ? state.domains : names.map((name) => findDomain(state, name));
}

/** The domains to read for these names; undefined, which is all, where none is named. */
export function namedDomains(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}
