import { describe, expect, it } from '@jest/globals';
import { releasePacket } from '../../../../src/host/dhcp-release.ts';
import { planRelease } from '../../../../src/plan/reserve/reserve.ts';
import type { State } from '../../../../src/state/state.ts';
import { hostWith, link, networkState, stateWith } from '../state.ts';
import { mac, otherMac, xml, vm1, lease } from './leases.ts';

describe('the lease of a guest that is gone', () => {
  const network = networkState(xml(), {
    leases: [lease('192.168.132.77', otherMac), lease('192.168.132.78', mac), lease('fd00:1:2:3::7', otherMac)],
  });
  const state = stateWith({
    networks: [network],
    domains: [vm1],
    host: hostWith([link('keenbr0', { kind: 'bridge' })]),
  });
  const release = (target: string, seen: State = state) => planRelease(network, [target], seen);

  it.each([otherMac, '192.168.132.77'])('is ended by a release of %s', (target) => {
    const { steps, consent } = release(target);
    expect(steps.map((step) => step.do)).toEqual([
      {
        call: 'hostEndLease',
        network: network.uuid,
        mac: otherMac,
        address: '192.168.132.77',
        server: '192.168.132.1',
      },
    ]);
    expect(consent).toEqual([]);
  });

  it.each([mac, 'VM1', '192.168.132.78'])('but not the lease of an existing guest: %s', (target) => {
    expect(release(target).steps).toEqual([]);
  });

  it('needs consent if a device outside libvirt may hold it, and is kept if the host cannot be read', () => {
    const host = hostWith([link('keenbr0', { kind: 'bridge' }), link('veth7', { kind: 'veth', master: 'keenbr0' })]);
    expect(release(otherMac, { ...state, host }).consent.join()).toContain(`${otherMac} may be behind veth7`);
    const remote = release(otherMac, { ...state, host: undefined });
    expect(remote.steps).toEqual([]);
    expect(remote.warnings.join()).toContain('stays leased: run the same command on the host of qemu:///system');
  });

  it('is released as specified in RFC 2131', () => {
    const packet = releasePacket(
      { mac: otherMac, address: '192.168.132.77', server: '192.168.132.1' },
      Buffer.from('abcd'),
    );
    expect(packet.subarray(0, 34).toString('hex')).toBe(
      `010106006162636400000000c0a8844d${'00'.repeat(12)}525400000002`,
    );
    expect(packet.subarray(236, 250).toString('hex')).toBe('63825363' + '350107' + '3604c0a88401' + 'ff');
  });
});

describe('a release', () => {
  const hosts = `<host mac='${mac}' ip='192.168.132.77'/><host mac='${otherMac}' name='web' ip='192.168.132.78'/>`;
  const network = networkState(xml(hosts));
  const release = (...targets: readonly string[]) =>
    planRelease(network, targets, stateWith({ networks: [network], domains: [vm1] })).steps.map((step) =>
      'xml' in step.do ? /ip="([^"]+)"/.exec(step.do.xml)?.[1] : undefined,
    );

  it('is by domain, MAC, address or host name', () => {
    expect(release('VM1')).toEqual(['192.168.132.77']);
    expect(release(otherMac)).toEqual(['192.168.132.78']);
    expect(release('192.168.132.78')).toEqual(['192.168.132.78']);
    expect(release('web')).toEqual(['192.168.132.78']);
    expect(release('VM1', 'web')).toEqual(['192.168.132.77', '192.168.132.78']);
  });

  it('has nothing to do without a reservation, and is refused for an unknown name', () => {
    expect(release('192.168.132.99')).toEqual([]);
    expect(() => release('nobody')).toThrow('no domain "nobody"');
  });

  it('warns that DHCP goes off with the last reservation of a network without ranges', () => {
    const last = networkState(
      `<network><name>keennet</name><bridge name='b'/><ip address='192.168.132.1' prefix='24'><dhcp><host mac='${mac}' ip='192.168.132.77'/></dhcp></ip></network>`,
    );
    const { warnings } = planRelease(last, [mac], stateWith({ networks: [last] }));
    expect(warnings).toEqual([expect.stringContaining('DHCP goes off')]);
  });
});
