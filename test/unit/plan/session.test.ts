import { describe, expect, it } from '@jest/globals';
import { checkNetwork } from '../../../src/plan/network/check/network.ts';
import { planNetworkStart } from '../../../src/plan/network/lifecycle.ts';
import { parseNetwork } from '../../../src/xml/network.ts';
import { link, networkState, stateWith } from './state.ts';

const at = (uri: string) => {
  const state = stateWith();
  const host = { links: [...(state.host?.links ?? []), link('br0', { kind: 'bridge' })], routes: [] };
  return { ...state, host, connection: { ...state.connection, uri } };
};
const isolated =
  "<network><name>n</name><uuid>c0ffee00-0000-4000-8000-000000000009</uuid><bridge name='virbr7'/></network>";
const codes = (xml: string, uri: string): readonly string[] =>
  checkNetwork(parseNetwork(xml), at(uri)).map(({ code, message }) => `${code} ${message}`);

describe("a user's own daemon", () => {
  it.each(['qemu:///session', 'qemu+ssh://user@host/session', 'qemu:///session?socket=/run/x'])(
    'at %s makes no network with a bridge of its own',
    (uri) => {
      expect(codes(isolated, uri)).toEqual([expect.stringMatching(/^DEPENDENCY .* is a daemon of one user/)]);
    },
  );

  it('may have a network of a bridge that the host has', () => {
    const bridged = "<network><name>n</name><forward mode='bridge'/><bridge name='br0'/></network>";
    expect(codes(bridged, 'qemu:///session')).toEqual([]);
  });

  it('is never another daemon, whatever its host or socket is called', () => {
    expect(codes(isolated, 'qemu:///system')).toEqual([]);
    expect(codes(isolated, 'qemu+ssh://session/system')).toEqual([]);
    expect(codes(isolated, 'qemu:///system?socket=/run/session')).toEqual([]);
  });

  it('is warned of before it starts a network that is defined there', () => {
    const state = { ...at('qemu:///session'), networks: [networkState(isolated, { active: false })] };
    expect(planNetworkStart(['n'], state).warnings).toEqual([expect.stringContaining('is a daemon of one user')]);
  });
});
