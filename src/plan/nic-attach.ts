/** A plan to plug a new NIC into a domain. */
import { KvmnetError } from '../errors.ts';
import { macUsers } from '../state/mac-users.ts';
import type { DomainState, State } from '../state/state.ts';
import { startStep } from './network-step.ts';
import { chooseLives, requireHotplug, type Lives, type WantedLives } from './nic-lives.ts';
import { nicFromOptions, type NicOptions } from './nic-options.ts';
import type { NicSource } from './nic-source.ts';
import { attachStep } from './nic-step.ts';
import { pciSlots } from './pci-slots.ts';
import type { Plan } from './step.ts';
import { parseNicMac } from './values/mac.ts';

export interface AttachRequest {
  readonly domain: DomainState;
  readonly source: NicSource;
  readonly options: NicOptions & WantedLives;
  /** MAC addresses to choose from, made by chance; the first that nobody has is taken. */
  readonly macs: readonly string[];
}

export interface AttachPlan extends Plan {
  readonly mac: string;
}

/**
 * Plugs a NIC into a network, bridge or NIC of the host. Starts an inactive network first, with consent.
 * Throws INPUT for invalid options, CONFLICT for a MAC in use, a full PCI bus or a guest without ACPI, DEPENDENCY for what an older
 * libvirt or this driver lacks.
 */
export function planAttach({ domain, source, options, macs }: AttachRequest, state: State): AttachPlan {
  const { hypervisor } = state.connection;
  const lives = chooseLives(domain, options);
  requireHotplug(domain, hypervisor, lives);
  const mac = chooseMac(options.mac, macs, state);
  const nic = nicFromOptions({ domain, source, options, mac }, state);
  if (lives.live && takesPciSlot(nic, hypervisor)) requireSlot(domain);
  const network = inactiveNetwork(source, lives);
  const steps = [
    ...(network?.start ? [startStep(network.state.inactive ?? network.state.network, network.state.uuid, state)] : []),
    attachStep({ domain, hypervisor, mac }, nic, lives, source.name),
  ];
  return {
    title: `plug ${domain.name} into ${source.name}`,
    mac,
    steps,
    warnings: [
      ...(network && !network.start
        ? [`network ${source.name} is not active: ${domain.name} will not start until it is`]
        : []),
      ...bridgeWarning(source, state),
    ],
    consent: network?.start ? [`network ${source.name} is not active, and has to be started`] : [],
  };
}

function inactiveNetwork(source: NicSource, lives: Lives) {
  if (source.type !== 'network' || source.network.active) return undefined;
  return { state: source.network, start: lives.live };
}

/** A bridge that belongs to a network loses its ports when that restarts, without libvirt knowing whom to plug back. */
function bridgeWarning(source: NicSource, state: State): string[] {
  if (source.type !== 'bridge') return [];
  const owner = state.networks.find(
    ({ bridge, network }) => bridge === source.name && network.forward?.mode !== 'bridge',
  );
  return owner ? [`${source.name} is the bridge of network ${owner.name}: plug into the network instead`] : [];
}

function chooseMac(wanted: string | undefined, macs: readonly string[], state: State): string {
  const users = macUsers(state);
  if (wanted === undefined) {
    const free = macs.find((mac) => !users.has(mac));
    if (free === undefined)
      throw new KvmnetError('CONFLICT', 'no free MAC address was found by chance', {
        hint: 'try again, or name one with --mac',
      });
    return free;
  }
  const mac = parseNicMac(wanted, '--mac');
  const holder = users.get(mac);
  if (holder !== undefined) {
    throw new KvmnetError('CONFLICT', `--mac ${mac} is taken by ${holder}`, {
      hint: 'leave out --mac: a free one is chosen',
    });
  }
  return mac;
}

function takesPciSlot(
  nic: { readonly model?: { readonly type?: string | undefined } | undefined },
  hypervisor: string,
): boolean {
  return hypervisor === 'QEMU' && nic.model?.type !== 'usb-net';
}

function requireSlot(domain: DomainState): void {
  const slots = pciSlots(domain.domain);
  const hint = '--config plugs it in at the next boot';
  if (slots?.free === 0) {
    throw new KvmnetError(
      'CONFLICT',
      `${domain.name} has no free PCI slot: all ${String(slots.total)} of its ${slots.kind}s are taken`,
      { hint },
    );
  }
  if (slots?.kind === 'slot of pci.0' && domain.domain.features?.acpi !== true) {
    throw new KvmnetError('CONFLICT', `${domain.name} cannot take a NIC while it runs: its definition has no <acpi/>`, {
      hint,
    });
  }
}
