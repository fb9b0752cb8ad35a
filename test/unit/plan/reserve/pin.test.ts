import { describe, expect, it } from '@jest/globals';
import { networkOf, planPin } from '../../../../src/plan/reserve/pin.ts';
import { domainState, networkState, stateWith } from '../state.ts';
import { now, mac, otherMac, duid, xml, domain, vm1, lease } from './leases.ts';

describe('a pin', () => {
  it('reserves the leases of both families of all named domains', () => {
    const vm2 = domainState(domain('VM2x', otherMac), domain('VM2x', otherMac));
    const network = networkState(xml(), {
      leases: [
        lease('192.168.132.5', mac),
        lease('fd00:1:2:3::150', mac, { clientId: duid }),
        lease('192.168.132.6', otherMac),
      ],
    });
    const state = stateWith({ networks: [network], domains: [vm1, vm2] });
    const { pinned, steps } = planPin({ network, names: ['VM1', 'VM2x'], now }, state);
    expect(pinned.map(({ address }) => address)).toEqual(['192.168.132.5', 'fd00:1:2:3::150', '192.168.132.6']);
    expect(steps).toHaveLength(3);
  });

  it('names the address that is already reserved if the guest has no lease', () => {
    const network = networkState(xml(`<host mac='${mac}' ip='192.168.132.77'/>`));
    const state = stateWith({ networks: [network], domains: [vm1] });
    expect(() => planPin({ network, names: ['VM1'], now }, state)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^192\.168\.132\.77 is reserved for it already; kvmnet/) }),
    );
  });

  it('knows a guest by its MAC too, and gives the reservation a name', () => {
    const network = networkState(xml(), { leases: [lease('192.168.132.6', otherMac)] });
    const state = stateWith({ networks: [network], domains: [vm1] });
    const { pinned, steps } = planPin({ network, names: [otherMac.toUpperCase()], host: 'web', now }, state);
    expect(pinned).toEqual([{ domain: otherMac.toUpperCase(), address: '192.168.132.6' }]);
    expect(JSON.stringify(steps)).toContain('web');
  });

  it('finds the network of the only NIC of a domain, and names several', () => {
    const network = networkState(xml());
    const other = networkState(`<network><name>other</name><bridge name='o'/></network>`);
    const both = `<domain type='kvm'><name>VM9</name><devices>${['keennet', 'other']
      .map(
        (name, index) =>
          `<interface type='network'><mac address='52:54:00:00:09:0${index}'/><source network='${name}'/></interface>`,
      )
      .join('')}</devices></domain>`;
    const none = `<domain type='kvm'><name>VM8</name><devices/></domain>`;
    const state = stateWith({ networks: [network, other], domains: [vm1, domainState(both), domainState(none)] });
    expect(networkOf('VM1', state)).toBe(network);
    expect(() => networkOf('VM9', state)).toThrow('VM9 has NICs in keennet and other');
    expect(() => networkOf('VM8', state)).toThrow('VM8 has no NIC in a network');
  });

  it('is refused for a domain without a lease', () => {
    const network = networkState(xml());
    expect(() => planPin({ network, names: ['VM1'], now }, stateWith({ networks: [network], domains: [vm1] }))).toThrow(
      'VM1 has no lease in network keennet: nothing to pin',
    );
  });
});
