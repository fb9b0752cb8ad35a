import { describe, expect, it } from '@jest/globals';
import { planAttachDevice, planDetachDevice } from '../../../../src/plan/virsh/device.ts';
import { planAttach } from '../../../../src/plan/nic/attach.ts';
import { planDetach, planLink, planMove } from '../../../../src/plan/nic/change.ts';
import type { NicSource } from '../../../../src/plan/nic/source.ts';
import { planSync } from '../../../../src/plan/nic/sync.ts';
import { nicsOf } from '../../../../src/state/nics.ts';
import type { DomainState } from '../../../../src/state/state.ts';
import { domainState, hostWith, link, stateWith } from '../state.ts';

const mac = '52:54:00:00:00:01';
const nic = (bus: number, address = mac) => `<interface type='bridge'><mac address='${address}'/><source bridge='br0'/>
  <model type='virtio'/><address type='pci' domain='0x0000' bus='0x0${bus}' slot='0x03' function='0x0'/></interface>`;
const controller = (model: string, index: number, inside = '') =>
  `<controller type='pci' model='${model}' index='${index}'>${inside}</controller>`;

const pc = controller('pci-root', 0) + controller('pci-bridge', 1);
const q35 = controller('pcie-root', 0) + [1, 2, 3].map((index) => controller('pcie-root-port', index)).join('');

/** A running domain with these NICs, in both definitions by default. */
function vm(controllers: string, features: string, nics: string, configNics = nics): DomainState {
  const xml = (inside: string) =>
    `<domain type='kvm'><name>VM1</name><os><type arch='x86_64'>hvm</type></os><features>${features}</features>
    <devices>${controllers}${inside}</devices></domain>`;
  return domainState(xml(configNics), xml(nics));
}

const br0: NicSource = { type: 'bridge', name: 'br0', openVswitch: false };
const br1: NicSource = { ...br0, name: 'br1' };
const both = { live: true, config: true };
const stateOf = (domain: DomainState) =>
  stateWith({ domains: [domain], host: hostWith([link('br0', { kind: 'bridge' }), link('br1', { kind: 'bridge' })]) });
const change = (domain: DomainState, wanted = {}) => ({ domain, nic: nicsOf(domain)[0]!, wanted });
const sameNic = `<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/></interface>`;

const removals: Readonly<Record<string, (controllers: string, features: string, bus: number) => unknown>> = {
  'vm detach': (controllers, features, bus) => {
    const domain = vm(controllers, features, nic(bus));
    return planDetach(change(domain), stateOf(domain));
  },
  'vm nics --sync live': (controllers, features, bus) => {
    const domain = vm(controllers, features, nic(bus), '');
    return planSync(domain, 'live', stateOf(domain));
  },
  'detach-device and detach-interface': (controllers, features, bus) => {
    const domain = vm(controllers, features, nic(bus));
    return planDetachDevice(domain, { kind: 'interface', xml: sameNic }, both, stateOf(domain));
  },
};

describe.each(Object.entries(removals))('%s', (_, remove) => {
  it.each([
    ['pci.0 of a guest without ACPI', pc, '', 0, 'its definition has no <acpi/>'],
    ['a PCI bridge of a guest without ACPI', pc, '', 1, 'its definition has no <acpi/>'],
    ['pcie.0', q35, '<acpi/>', 0, 'it is on pcie-root, which does not support hot-plug'],
    [
      'a root port without hot-plug',
      q35 + controller('pcie-root-port', 4, `<target hotplug='off'/>`),
      '<acpi/>',
      4,
      'hot-plug of its pcie-root-port (controller 4) is off',
    ],
  ])('refuses a NIC on %s before anything is asked of it', (_place, controllers, features, bus, reason) => {
    expect(() => remove(controllers, features, bus)).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: `VM1 cannot release NIC ${mac} while it runs: ${reason}`,
        hint: expect.stringMatching(/^--config/),
      }),
    );
  });

  it.each([
    ['pci.0 with ACPI', pc, '<acpi/>', 0],
    ['a root port, with ACPI or without', q35, '', 2],
  ])('asks for a NIC on %s', (_place, controllers, features, bus) => {
    expect(remove(controllers, features, bus)).toMatchObject({
      steps: expect.arrayContaining([expect.objectContaining({ do: expect.objectContaining({ live: true }) })]),
    });
  });
});

const additions: Readonly<Record<string, (domain: DomainState) => unknown>> = {
  'vm attach': (domain) =>
    planAttach({ domain, source: br0, options: {}, macs: ['52:54:00:00:00:08'] }, stateOf(domain)),
  'vm nics --sync live': (domain) => planSync(domain, 'live', stateOf(domain)),
  'attach-device and attach-interface': (domain) =>
    planAttachDevice(
      domain,
      { kind: 'interface', xml: sameNic.replace(mac, '52:54:00:00:00:09'), macs: [] },
      both,
      stateOf(domain),
    ),
};

it.each(Object.entries(additions))('%s refuses what a guest without ACPI cannot take while it runs', (_, add) => {
  const config = nic(0) + nic(1, '52:54:00:00:00:02');
  expect(() => add(vm(pc, '', nic(0), config))).toThrow(
    expect.objectContaining({ message: 'VM1 cannot take a NIC while it runs: its definition has no <acpi/>' }),
  );
  expect(add(vm(pc, '<acpi/>', nic(0), config))).toMatchObject({ steps: [expect.anything()] });
});

describe('a guest without ACPI', () => {
  const domain = vm(pc, '', nic(0));
  const state = stateOf(domain);

  it('has its next boot changed, and what needs no hot-plug now', () => {
    expect(planDetach(change(domain, { config: true }), state).steps).toHaveLength(1);
    expect(planMove({ ...change(domain), source: br1 }, state).steps).toHaveLength(3);
    expect(planLink({ ...change(domain), link: 'down' }, state).steps).not.toHaveLength(0);
  });
});
