/**
 * Checks whether QEMU can hot-plug a NIC: libvirt tries it in any case, and reports the emulator's message if it fails.
 * Source: https://libvirt.org/pci-hotplug.html
 */
import { KvmnetError } from '../../errors.ts';
import type { DomainState } from '../../state/state.ts';
import type { Controller, Domain } from '../../xml/domain.ts';
import type { InterfaceInput } from '../../xml/interface.ts';
import { needsAcpi, pciSlots } from '../../state/pci-slots.ts';

/** @throws CONFLICT for a guest without ACPI, and for one without a free slot for the model of this NIC */
export function requirePlugIn({ name, domain }: DomainState, { type, model, address }: InterfaceInput): void {
  const hint = '--config attaches it at the next boot';
  const slots =
    model?.type === undefined || model.type === 'usb-net' || type === 'hostdev' || address !== undefined
      ? undefined
      : pciSlots(domain, model.type);
  if (slots?.free === 0) {
    const why = slots.total === 0 ? 'it has none' : `all ${String(slots.total)} of them are taken`;
    throw new KvmnetError(
      'CONFLICT',
      `${name} has no free ${slots.kind} for a NIC of model ${model?.type ?? 'none'}: ${why}`,
      { hint },
    );
  }
  if (lacksAcpi(domain) && model?.type !== 'usb-net')
    throw new KvmnetError('CONFLICT', `${name} cannot take a NIC while it runs: ${noAcpi}`, { hint });
}

/** @throws CONFLICT where the bus of this NIC gives back no device while the guest runs */
export function requirePlugOut({ name, domain }: DomainState, { mac, address }: InterfaceInput): void {
  if (address?.type !== 'pci') return;
  const bus = domain.controllers.find(({ type, index }) => type === 'pci' && index === Number(address.bus ?? 0));
  const why = bus && (keepsDevices(bus) ?? (lacksAcpi(domain) ? noAcpi : undefined));
  if (why === undefined) return;
  throw new KvmnetError('CONFLICT', `${name} cannot release NIC ${mac?.address ?? ''} while it runs: ${why}`, {
    hint: '--config removes it at the next boot; kvmnet vm link cuts it off now',
  });
}

const noAcpi = 'its definition has no <acpi/>';

/** True if no device can be attached or detached while the guest runs. */
export function lacksAcpi(domain: Domain): boolean {
  return needsAcpi(domain) && domain.features?.acpi !== true;
}

/** Buses without hot-plug, whatever the machine. */
const fixedBuses: readonly string[] = ['pcie-root', 'pcie-expander-bus', 'dmi-to-pci-bridge'];

function keepsDevices({ model = '', index, target }: Controller): string | undefined {
  if (fixedBuses.includes(model)) return `it is on ${model}, which does not support hot-plug`;
  if (target?.hotplug === false) return `hot-plug of its ${model} (controller ${String(index)}) is off`;
  return undefined;
}
