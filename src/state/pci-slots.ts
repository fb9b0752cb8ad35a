/** How many NICs of a model a running domain can still take. Source: https://libvirt.org/pci-hotplug.html */
import type { Controller, Domain } from '../xml/domain.ts';

/** PCI slots for hot-plug while the guest runs. */
export interface PciSlots {
  readonly free: number;
  readonly total: number;
  /** The type of the slots: in a PCI Express machine the conventional ones are behind a bridge, if it has one. */
  readonly kind: 'pcie-root-port' | 'conventional PCI slot';
}

/** The models that libvirt puts into PCI Express ports if the machine has any; all others go into conventional slots. */
const expressModels: readonly string[] = ['virtio', 'virtio-non-transitional', 'e1000e', 'igb'];

/**
 * Counts the slots for NICs of one model: in a PCI Express machine (q35) each pcie-root-port takes one device, and older models need a
 * slot of a pcie-to-pci-bridge; on a machine with conventional PCI (pc) all have the slots of pci.0 and of its bridges.
 * Undefined for a domain without PCI.
 */
export function pciSlots(domain: Domain, model: string | undefined): PciSlots | undefined {
  const controllers = domain.controllers.filter(({ type }) => type === 'pci');
  const has = (wanted: string): boolean => controllers.some((controller) => controller.model === wanted);
  const used = new Set(domain.pciAddresses.flatMap(({ bus, slot }) => [String(bus), `${String(bus)}:${String(slot)}`]));
  if (has('pcie-root') && expressModels.includes(model ?? '')) {
    const ports = controllers.filter((controller) => isPort(controller));
    const free = ports.filter(({ index }) => !used.has(String(index)));
    return { free: free.length, total: ports.length, kind: 'pcie-root-port' };
  }
  if (!has('pcie-root') && !has('pci-root')) return undefined;
  const slots = controllers.flatMap((controller) => slotsOf(controller));
  const free = slots.filter((slot) => !used.has(slot));
  return { free: free.length, total: slots.length, kind: 'conventional PCI slot' };
}

function isPort({ model, target }: Controller): boolean {
  return (model === 'pcie-root-port' || model === 'pcie-switch-downstream-port') && target?.hotplug !== false;
}

/** The pcie-root-ports of a domain: each takes one device. */
export function rootPorts({ controllers }: Pick<Domain, 'controllers'>): number {
  return controllers.filter(({ type, model }) => type === 'pci' && model === 'pcie-root-port').length;
}

/** A bus has the slots 1 to 31; on the first one of i440fx slot 1 is the chipset's, which is not in the XML. */
function slotsOf({ model, index, target }: Controller): string[] {
  if (!['pci-root', 'pci-bridge', 'pcie-to-pci-bridge'].includes(model ?? '') || target?.hotplug === false) return [];
  const first = model === 'pci-root' && index === 0 ? 2 : 1;
  return Array.from({ length: 32 - first }, (_, number) => `${String(index)}:${String(first + number)}`);
}

/** True if QEMU's hot-plug uses ACPI alone: PCs with conventional PCI. */
export function needsAcpi(domain: Domain): boolean {
  const isPc = /^(x86_64|i686)$/.test(domain.os?.type?.arch ?? '');
  return isPc && domain.controllers.some(({ model }) => model === 'pci-root');
}
