import { KvmnetError } from '../errors.ts';
import { suggestion } from '../values/nearest.ts';
import type { NetworkState, State } from './state.ts';
import { requireReadable } from './unreadable.ts';
import { show } from '../values/invalid.ts';

/**
 * The network that a user names: by its exact name, or else by its UUID.
 * @throws NOTFOUND with the nearest names; AMBIGUOUS where the text is one network's name and another's UUID
 */
export function findNetwork(state: Pick<State, 'networks' | 'unreadable'>, nameOrUuid: string): NetworkState {
  const named = state.networks.find(({ name }) => name === nameOrUuid);
  const identified = state.networks.find(({ uuid }) => uuid.toLowerCase() === nameOrUuid.toLowerCase());
  if (named !== undefined && identified !== undefined && named !== identified) {
    throw new KvmnetError('AMBIGUOUS', `${nameOrUuid} is the name of one network and the UUID of ${identified.name}`, {
      hint: `name them by UUID and name: ${named.uuid} or ${identified.name}`,
    });
  }
  const found = named ?? identified;
  if (found !== undefined) return found;
  requireReadable(state, 'network', nameOrUuid);
  const names = state.networks.map(({ name }) => name);
  throw new KvmnetError('NOTFOUND', `no network ${show(nameOrUuid)}`, {
    hint: suggestion(nameOrUuid, names, 'kvmnet net list shows all networks'),
  });
}

/** The networks that a user names, each once, in that order. */
export function findNetworks(
  state: Pick<State, 'networks' | 'unreadable'>,
  names: readonly string[],
): readonly NetworkState[] {
  return [...new Set(names.map((name) => findNetwork(state, name)))];
}
