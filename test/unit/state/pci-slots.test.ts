import { describe, expect, it } from '@jest/globals';
import { needsAcpi, pciSlots } from '../../../src/state/pci-slots.ts';
import { parseDomain, type Domain } from '../../../src/xml/domain.ts';

const at = (bus: number, slot: number) =>
  `<address type='pci' domain='0x0000' bus='${bus}' slot='${slot}' function='0x0'/>`;
const controller = (model: string, index: number, inside = '') =>
  `<controller type='pci' model='${model}' index='${index}'>${inside}</controller>`;

function domain(devices: string, arch = 'x86_64'): Domain {
  return parseDomain(
    `<domain type='kvm'><name>d</name><os><type arch='${arch}'>hvm</type></os><devices>${devices}</devices></domain>`,
  );
}

const rootPorts = [1, 2, 3].map((index) => controller('pcie-root-port', index, at(0, index))).join('');
const q35 = controller('pcie-root', 0) + rootPorts;
const pc = controller('pci-root', 0);

describe('the free PCI slots of a domain', () => {
  it('are its unused root ports for models of PCI Express', () => {
    for (const model of ['virtio', 'virtio-non-transitional', 'e1000e', 'igb']) {
      expect(pciSlots(domain(q35), model)).toEqual({ free: 3, total: 3, kind: 'pcie-root-port' });
    }
    const used = `${q35}<interface type='user'>${at(2, 0)}</interface>`;
    expect(pciSlots(domain(used), 'virtio')).toEqual({ free: 2, total: 3, kind: 'pcie-root-port' });
  });

  it('are not root ports that take nothing while the guest runs', () => {
    const off = controller('pcie-root-port', 4, `<target hotplug='off'/>${at(0, 4)}`);
    expect(pciSlots(domain(q35 + off), 'virtio')).toMatchObject({ free: 3, total: 3 });
    const switched = controller('pcie-switch-downstream-port', 5, at(4, 0));
    expect(pciSlots(domain(q35 + switched), 'virtio')).toMatchObject({ free: 4, total: 4 });
  });

  it('are behind a PCI bridge for older models on a PCI Express machine, and none without one', () => {
    expect(pciSlots(domain(q35), 'rtl8139')).toEqual({ free: 0, total: 0, kind: 'conventional PCI slot' });
    expect(pciSlots(domain(q35), undefined)).toMatchObject({ total: 0 });
    expect(pciSlots(domain(q35), 'virtio-transitional')).toMatchObject({ total: 0 });
    const bridged = `${q35}${controller('pcie-to-pci-bridge', 4, at(1, 0))}<interface type='user'>${at(4, 1)}</interface>`;
    expect(pciSlots(domain(bridged), 'e1000')).toEqual({ free: 30, total: 31, kind: 'conventional PCI slot' });
  });

  it('are the slots of all buses on a machine with conventional PCI, but for the two of its chipset', () => {
    expect(pciSlots(domain(pc), 'virtio')).toEqual({ free: 30, total: 30, kind: 'conventional PCI slot' });
    const full = pc + Array.from({ length: 31 }, (_, slot) => `<rng>${at(0, slot + 1)}</rng>`).join('');
    expect(pciSlots(domain(full), 'virtio')).toMatchObject({ free: 0, total: 30 });
    expect(pciSlots(domain(full + controller('pci-bridge', 1)), 'virtio')).toMatchObject({ free: 31, total: 61 });
  });

  it('are unknown without PCI', () => {
    expect(pciSlots(domain(''), 'virtio')).toBeUndefined();
    expect(pciSlots(domain(`<controller type='virtio-serial' index='0'/>`), 'virtio')).toBeUndefined();
  });
});

describe('ACPI', () => {
  it('lets PCs with conventional PCI hot-plug', () => {
    expect(needsAcpi(domain(pc))).toBe(true);
    expect(needsAcpi(domain(q35))).toBe(false);
    expect(needsAcpi(domain(pc, 'ppc64'))).toBe(false);
  });
});
