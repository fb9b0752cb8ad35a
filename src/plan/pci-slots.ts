/** How many NICs a running domain can still take. Source: https://libvirt.org/pci-hotplug.html */
import type { Domain } from '../xml/domain.ts';

/** Places for PCI devices that can be plugged in while the guest runs. */
export interface PciSlots {
  readonly free: number;
  readonly total: number;
  /** What they are, in libvirt's words. */
  readonly kind: 'pcie-root-port' | 'slot of pci.0';
}

/**
 * Counts them: on q35 (and other PCIe machines) each free pcie-root-port takes one device, on i440fx the 32 slots of pci.0 less the one
 * of the host bridge. Undefined for a domain without PCI.
 */
export function pciSlots(domain: Domain): PciSlots | undefined {
  const models = domain.controllers.filter(({ type }) => type === 'pci');
  const used = new Set(domain.pciAddresses.map(({ bus, slot }) => `${String(bus)}:${String(slot)}`));
  const usedBuses = new Set(domain.pciAddresses.map(({ bus }) => bus));
  if (models.some(({ model }) => model === 'pcie-root')) {
    const ports = models.filter(({ model }) => model === 'pcie-root-port');
    const free = ports.filter(({ index }) => !usedBuses.has(Number(index)));
    return { free: free.length, total: ports.length, kind: 'pcie-root-port' };
  }
  if (models.some(({ model }) => model === 'pci-root')) {
    const slots = Array.from({ length: 31 }, (_, index) => index + 1);
    const free = slots.filter((slot) => !used.has(`0:${String(slot)}`));
    return { free: free.length, total: slots.length, kind: 'slot of pci.0' };
  }
  return undefined;
}
