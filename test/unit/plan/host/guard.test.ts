import { describe, expect, it } from '@jest/globals';
import { planBridgeCreate } from '../../../../src/plan/host/bridge.ts';
import { guarded } from '../../../../src/plan/host/guard.ts';
import { findNicWhoseAddressesMove, withNameServers } from '../../../../src/plan/host/name-servers.ts';
import { hostWith, ipv4, link, route, stateWith } from '../state.ts';

const nic = link('eth0', { mac: '52:54:00:aa:00:01', addresses: [ipv4('192.0.2.10', 24)] });
const host = hostWith([nic], [route('0.0.0.0/0', 'eth0', { gateway: '192.0.2.1' })]);
const options = { name: 'br0', ports: ['eth0'], stp: false, vlanFiltering: false, randomMac: '02:00:00:00:00:99' };
const plan = planBridgeCreate({ ...options, takeIp: true }, stateWith({ host }));
const alone = planBridgeCreate({ ...options, ports: [], takeIp: false }, stateWith({ host }));
const here = { ssh: '203.0.113.5 50000 192.0.2.10 22', elsewhere: undefined };

describe('a plan that changes links', () => {
  it('is reverted after 60 seconds if it may cut the host off, and reports it', () => {
    const { confirm, warnings } = guarded(plan, host, undefined, here);
    expect(confirm).toEqual({
      within: 60,
      ssh: here.ssh,
      gateways: [{ address: '192.0.2.1', before: 'eth0', after: 'br0', delay: 0 }],
    });
    expect(warnings).toContain(
      'eth0 carries the default route via 192.0.2.1; your SSH connection comes in over eth0 (192.0.2.10): it is reverted after 60 s unless you confirm it',
    );
  });

  it('asks where the user wants no confirmation', () => {
    const { confirm, consent } = guarded(plan, host, { within: undefined, isOff: true }, here);
    expect(confirm).toBeUndefined();
    expect(consent.at(-1)).toMatch(/if that fails, it is not reverted automatically \(--no-confirm\)$/);
  });

  it('stays as it is where nothing is in danger, unless the user wishes a confirmation', () => {
    expect(guarded(alone, host, undefined, here)).toBe(alone);
    expect(guarded(alone, host, { within: 120, isOff: false }, here).confirm).toEqual({ within: 120, gateways: [] });
  });

  it('is refused on another host, which would have to revert it', () => {
    expect(() => guarded(plan, host, undefined, { ssh: undefined, elsewhere: 'server' })).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY',
        message: expect.stringContaining('server itself has to revert that'),
      }),
    );
  });
});

describe('the name servers of a NIC', () => {
  const scope = { servers: ['192.0.2.53'], domains: ['~.'], isDefault: true };
  const references = { scope, before: undefined, warnings: ['dhclient still manages eth0'] };

  it('are looked for where a plan gives its addresses to the bridge', () => {
    expect(findNicWhoseAddressesMove(plan, 'br0', host)?.name).toBe('eth0');
    expect(findNicWhoseAddressesMove(alone, 'br0', host)).toBeUndefined();
  });

  it('go over to the bridge in the last step, and back in the undo of the first', () => {
    const whole = withNameServers(plan, { nic: 'eth0', bridge: 'br0', exists: false }, references);
    expect(whole.steps.at(-1)).toMatchObject({ do: { call: 'hostSetDns', dev: 'br0', scope }, undo: [] });
    expect(whole.steps[0]?.undo.at(-1)).toEqual({ call: 'hostSetDns', dev: 'eth0', scope });
    expect(whole.warnings).toContain('dhclient still manages eth0');
  });

  it('of an existing bridge are restored', () => {
    const { steps } = withNameServers(plan, { nic: 'eth0', bridge: 'br0', exists: true }, references);
    expect(steps.at(-1)?.undo).toEqual([{ call: 'hostSetDns', dev: 'br0', scope: null }]);
  });

  it('are left alone where it has none', () => {
    const { steps } = withNameServers(
      plan,
      { nic: 'eth0', bridge: 'br0', exists: false },
      { ...references, scope: undefined },
    );
    expect(steps).toBe(plan.steps);
  });
});
