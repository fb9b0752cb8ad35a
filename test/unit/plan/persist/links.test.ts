import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../../src/config/config.ts';
import { planBridgeCreate } from '../../../../src/plan/host/bridge.ts';
import { withBootWarning, withPersist, type LinkFiles } from '../../../../src/plan/persist/links.ts';
import { hostWith, ipv4, link, stateWith } from '../state.ts';

const interfaces = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 192.0.2.10/24
`;
const file = { path: '/etc/network/interfaces', text: interfaces, mode: 0o644, owner: { uid: 0, gid: 0 } };
const absent = { isInstalled: false, runs: false };
const how: LinkFiles = {
  time: new Date('2026-11-21T13:55:01Z'),
  facts: {
    root: '/',
    present: { files: [file], configs: [readConfig(file, 'ifupdown')], ofWicked: [] },
    seen: {
      ...{ ifcfg: absent, networkmanager: absent, networkd: absent, netplan: absent },
      ifupdown: { isInstalled: true, runs: true },
    },
    keptIn: '/var/lib/kvmnet/files',
  },
};
const state = stateWith({
  host: hostWith([link('eth0', { mac: '52:54:00:aa:00:01', addresses: [ipv4('192.0.2.10', 24)] })]),
});
const plan = planBridgeCreate(
  { name: 'br0', ports: ['eth0'], takeIp: true, stp: false, vlanFiltering: false, randomMac: '02:00:00:00:00:99' },
  state,
);

describe('a change of links', () => {
  it('is written for the manager of the host in the same plan, with a copy of the old file', () => {
    const { steps, written } = withPersist(plan, ['br0'], state, how);
    expect(written).toBe('\nwritten for ifupdown: /etc/network/interfaces');
    expect(steps.slice(0, plan.steps.length)).toEqual(plan.steps);
    const text = JSON.stringify(steps.slice(plan.steps.length));
    expect(text).toContain('iface br0 inet static');
    expect(text).toContain('/var/lib/kvmnet/files/20261121-135501');
  });

  it('that is not written warns of the file that brings the old state back', () => {
    const { steps, warnings } = withBootWarning(plan, ['br0'], state, how);
    expect(steps).toBe(plan.steps);
    expect(warnings.at(-1)).toMatch(
      /^the next boot brings the old state back from \/etc\/network\/interfaces: add --persist, .*--device br0.* --write$/,
    );
  });

  it('is left without a warning where no manager keeps files', () => {
    const seen = { ...how.facts.seen, ifupdown: absent };
    expect(withBootWarning(plan, ['br0'], state, { ...how, facts: { ...how.facts, seen } })).toBe(plan);
  });
});
