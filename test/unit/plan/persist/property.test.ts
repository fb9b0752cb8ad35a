import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isIpv6 } from '../../../../src/config/persist-device.ts';
import { persistModel } from '../../../../src/plan/persist/model.ts';
import { persistChanges } from '../../../../src/plan/persist/persist.ts';
import { configFormats, problemsOf } from '../../../../src/config/config.ts';
import { devicesOf } from '../../../../src/config/devices.ts';
import type { ConfiguredDevice } from '../../../../src/config/device.ts';
import { prefixOf, type PersistDevice } from '../../../../src/config/persist-device.ts';
import type { WholeHost } from '../../../../src/state/state.ts';
import { hostWith, ipv4, link, route } from '../state.ts';
import { bridge, changed, present, vlan } from './hosts.ts';

/**
 * A NIC with VLANs, some in a bridge each, of which some have an address; and another NIC with addresses of
 * its own.
 */
const hosts: fc.Arbitrary<WholeHost> = fc
  .record({
    ids: fc.uniqueArray(fc.integer({ min: 1, max: 4094 }), { minLength: 1, maxLength: 4 }),
    bridged: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    addresses: fc.uniqueArray(fc.integer({ min: 1, max: 250 }), { maxLength: 3 }),
    prefix: fc.integer({ min: 8, max: 30 }),
    mtu: fc.constantFrom(1500, 9000),
    stp: fc.boolean(),
    dhcp: fc.boolean(),
    gateway: fc.boolean(),
  })
  .map(({ ids, bridged, addresses, prefix, mtu, stp, dhcp, gateway }) => {
    const devices = ids.flatMap((id, index) => {
      const name = `br-${String(id)}`;
      const isIn = bridged[index] === true;
      const address = ipv4(`10.${String(index)}.0.5`, prefix);
      const settings = bridge(name).bridge;
      const above = bridge(name, {
        index: 100 + index,
        ...(settings ? { bridge: { ...settings, stp, forwardDelay: stp ? 4 : 0 } } : {}),
        addresses: [dhcp ? { ...address, validSeconds: 600 } : address],
      });
      return isIn
        ? [vlan('eno1', id, { index: 50 + index, master: name }), above]
        : [vlan('eno1', id, { index: 50 + index })];
    });
    const own = addresses.map((last) => ipv4(`192.168.7.${String(last)}`, 24));
    const routes = gateway && own.length > 0 ? [route('0.0.0.0/0', 'eno2', { gateway: '192.168.7.254' })] : [];
    return hostWith([link('eno1', { mtu }), link('eno2', { index: 3, mtu, addresses: own }), ...devices], routes);
  });

function wanted(device: PersistDevice) {
  return {
    addresses: [...device.addresses].sort(),
    dhcp: device.dhcp4,
    mtu: device.mtu === undefined ? undefined : String(device.mtu),
    gateways: device.routes.flatMap(({ gateway }) => gateway ?? []),
    vlan: device.vlan && [device.vlan.parent, device.vlan.id],
    ports: [...(device.bridge?.ports ?? [])].sort(),
  };
}

function read(device: ConfiguredDevice | undefined, all: readonly ConfiguredDevice[]) {
  const said = all.filter(({ bridge }) => bridge?.value === device?.name).map(({ name }) => name);
  return {
    addresses: device?.addresses.map(({ address, mask }) => `${address.value}/${String(prefixOf(mask?.value))}`).sort(),
    dhcp: device?.dhcp !== undefined,
    mtu: device?.mtu?.value,
    gateways: device?.gateways.map(({ value }) => value).filter((value) => !isIpv6(value)),
    vlan: device?.vlan && [device.vlan.parent?.value, Number(device.vlan.id?.value)],
    ports: [...new Set([...(device?.ports.map(({ value }) => value) ?? []), ...said])].sort(),
  };
}

describe('what is written for a manager', () => {
  it.each(configFormats)('%s reads back as what the host is, and is written once', (format) => {
    fc.assert(
      fc.property(hosts, (host) => {
        const model = persistModel(host, []);
        const files = changed([], persistChanges(format, model, present([], format)).changes);
        const { configs } = present(files, format);
        expect(configs.flatMap(problemsOf)).toEqual([]);
        const devices = devicesOf(configs);
        for (const device of model.devices) {
          expect(
            read(
              devices.find(({ name }) => name === device.name),
              devices,
            ),
          ).toEqual(wanted(device));
        }
        expect(persistChanges(format, model, present(files, format)).changes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Stanzas, and text between them, of devices that are not persisted. */
const foreign = fc.array(
  fc.constantFrom(
    ['# a comment', ''],
    ['', ''],
    ['auto tun0', 'iface tun0 inet manual', '\tup \\', '\t  openvpn --daemon', '   # why', '\tdown true'],
    ['iface eth9 inet static', '  address 10.9.9.9', '  netmask 255.255.255.0', '', '# eth9 ends here'],
    ['mapping eth*', '  script /bin/true', '  map a b'],
    ['allow-hotplug wlan0'],
  ),
  { maxLength: 6 },
);

describe('what others have written', () => {
  it('stays line by line in interfaces, around a stanza that changes', () => {
    fc.assert(
      fc.property(hosts, foreign, foreign, (host, above, below) => {
        const stanza = ['auto eno2', 'iface eno2 inet dhcp', '    up echo kept'];
        const before = [...above.flat(), ...stanza, ...below.flat()];
        const path = '/etc/network/interfaces';
        const files = present([{ path, text: `${before.join('\n')}\n` }], 'ifupdown');
        const { changes } = persistChanges('ifupdown', persistModel(host, [], { only: ['eno2'] }), files);
        const [change] = changes;
        const after = (change?.after ?? files.files[0]?.text ?? '').split('\n');
        const address = after.findIndex((line) => line.startsWith('iface eno2'));
        expect(after.slice(0, address)).toEqual([...above.flat(), 'auto eno2']);
        expect(after).toContain('    up echo kept');
        const end = below.flat();
        expect(after.slice(after.length - 1 - end.length, -1)).toEqual(end);
      }),
    );
  });

  it('stays line by line in an ifcfg file, key by key', () => {
    const lines = fc.array(
      fc.constantFrom('# a comment', '', 'ZONE=public', 'NM_CONTROLLED="no"', "ETHTOOL_OPTS='a b'", 'UUID=1'),
    );
    fc.assert(
      fc.property(hosts, lines, (host, others) => {
        const path = '/etc/sysconfig/network-scripts/ifcfg-eno2';
        const text = ['DEVICE=eno2', ...others, 'IPADDR=10.1.1.1', ''].join('\n');
        const files = present([{ path, text }], 'ifcfg');
        const { changes } = persistChanges('ifcfg', persistModel(host, [], { only: ['eno2'] }), files);
        expect((changes[0]?.after ?? '').split('\n').slice(1, others.length + 1)).toEqual(others);
      }),
    );
  });
});
