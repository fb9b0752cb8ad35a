import { describe, expect, it } from '@jest/globals';
import { findNetwork } from '../../../../src/state/find-network.ts';
import { defaultNetwork, networkState, stateWith } from '../state.ts';
import { defaultUuid, bridged, thrown } from './domains.ts';

describe('finding a network', () => {
  const trap = networkState(bridged.replace('<name>lan', `<name>${defaultUuid}`), { active: false });
  const state = stateWith({ networks: [networkState(defaultNetwork), networkState(bridged)] });

  it('goes by the exact name, then by UUID', () => {
    expect(findNetwork(state, 'lan').name).toBe('lan');
    expect(findNetwork(state, defaultUuid.toUpperCase()).name).toBe('default');
  });

  it('suggests the nearest if it does not exist', () => {
    expect(thrown(() => findNetwork(state, 'defualt'))).toMatchObject({
      code: 'NOTFOUND',
      message: 'no network defualt',
      hint: 'did you mean default?',
    });
    expect(thrown(() => findNetwork(state, 'xyzzy'))).toMatchObject({ hint: 'kvmnet net list shows all networks' });
    expect(thrown(() => findNetwork(state, 'Default')).code).toBe('NOTFOUND');
  });

  it("stops where one network's name is another's UUID", () => {
    expect(thrown(() => findNetwork({ networks: [...state.networks, trap] }, defaultUuid))).toMatchObject({
      code: 'AMBIGUOUS',
    });
  });
});
