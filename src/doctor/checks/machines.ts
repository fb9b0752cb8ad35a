/** Checks of VMs: what their NICs name, and where their definitions differ. */
import { bridgeMadeFor } from '../../state/membership.ts';
import { nicsOf, sourceOf, type Nic } from '../../state/nics.ts';
import { pciSlots } from '../../state/pci-slots.ts';
import type { DomainState, State } from '../../state/state.ts';
import { groupBy } from '../../values/group-by.ts';
import type { Interface } from '../../xml/interface.ts';
import { advice, check, repair, type Check, type Complaint } from '../check.ts';
import { spareNic } from '../ports.ts';

/** A NIC as kvmnet's commands name it: by its MAC address, or by its index where it has none. */
const nameOf = ({ mac, index }: Nic): string => mac ?? String(index);

interface Use {
  readonly domain: DomainState;
  readonly nic: Nic;
  readonly definition: Interface;
}

/** The NICs of all domains with their definitions at the next start. */
function nextUses({ domains }: Pick<State, 'domains'>): readonly Use[] {
  return domains.flatMap((domain) =>
    nicsOf(domain).flatMap((nic) => {
      const definition = domain.persistent ? nic.config : nic.live;
      return definition === undefined ? [] : [{ domain, nic, definition }];
    }),
  );
}

const changePending = check({
  code: 'nic-change-pending',
  severity: 'notice',
  title: 'The live and the persistent definition of a NIC differ',
  explanation:
    'The NIC was attached, moved or detached in one of the two definitions only, by virsh with --live or --config or by kvmnet: the next boot of the VM changes it. The remedy makes the next boot the same as now.',
  example: 'kvmnet vm move VM1 52:54:00:12:34:56 keennet --config',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.domains
      .filter(({ active, persistent }) => active && persistent)
      .flatMap((domain) => nicsOf(domain).flatMap((nic) => pendingComplaint(domain, nic))),
});

function pendingComplaint({ name }: DomainState, nic: Nic): readonly Complaint[] {
  const { live, config } = nic;
  const [now, later] = [sourceOf(live), sourceOf(config)];
  const mac = nameOf(nic);
  const evidence = { vm: name, nic: mac, now: now ?? 'none', later: later ?? 'none' };
  if (live !== undefined && config !== undefined) {
    if (now === later || now === undefined) return [];
    const message = `${name}: NIC ${mac} is in ${now}, and at the next boot in ${later ?? 'nothing'}`;
    return [{ message, evidence, remedy: advice(['vm', 'move', name, mac, now, '--config']) }];
  }
  if (live === undefined) {
    const message = `${name}: NIC ${mac} is only attached at the next boot, to ${later ?? 'nothing'}`;
    return [{ message, evidence, remedy: advice(['vm', 'detach', name, mac, '--config']) }];
  }
  const message = `${name}: NIC ${mac} is in ${now ?? 'nothing'}, and gone at the next boot`;
  // vm attach gives each NIC a MAC address of its own; virsh's command keeps the present one.
  const model = live.model?.type === undefined ? [] : ['--model', live.model.type];
  const words = ['attach-interface', name, live.type, now ?? 'SOURCE', '--mac', mac, ...model, '--config'];
  return [{ message, evidence, remedy: advice(words) }];
}

const noSlots = check({
  code: 'pci-slots-used-up',
  severity: 'notice',
  title: 'A running VM has no free PCI slot for another NIC',
  explanation:
    'In a PCI Express machine (q35) each NIC needs a pcie-root-port, which cannot be added while the guest runs. The repair adds four, effective at the next boot.',
  example: 'kvmnet vm slots VM1 --add 4',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.domains.flatMap(({ name, active, persistent, domain, inactive }) => {
      if (!active || !persistent || inactive === undefined) return [];
      const [now, next] = [domain, inactive].map((definition) => pciSlots(definition, 'virtio'));
      if (now?.free !== 0 || next?.free !== 0) return [];
      return [
        {
          message: `${name}: each ${now.kind} is used, so that no NIC can be attached`,
          evidence: { vm: name, slots: now.total },
          remedy: repair(['vm', 'slots', name, '--add', '4']),
        },
      ];
    }),
});

const macTwice = check({
  code: 'mac-twice',
  severity: 'error',
  title: 'Two NICs have the same MAC address',
  explanation:
    'A copied definition keeps the MAC address. In one network, packets reach one or the other guest by chance, and both get the same address by DHCP. The remedy attaches the NIC again, with a new MAC address.',
  example: 'kvmnet vm detach VM2 52:54:00:12:34:56 && kvmnet vm attach VM2 keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) => {
    const uses = libvirt.domains.flatMap((domain) => nicsOf(domain).map((nic) => ({ domain, nic })));
    const known = uses.filter(({ nic }) => nic.mac !== undefined);
    return [...groupBy(known, ({ nic }) => nic.mac?.toLowerCase() ?? '')].flatMap(
      ([mac, users]): readonly Complaint[] => {
        // The one that is off is easier to change.
        const last = users.findLast(({ domain }) => !domain.active) ?? users.at(-1);
        if (users.length < 2 || last === undefined) return [];
        const { domain, nic } = last;
        const vms = users.map((user) => user.domain.name);
        const source = sourceOf(nic.config ?? nic.live) ?? 'NETWORK';
        return [
          {
            message: `${mac} is the MAC address of NICs of ${vms.join(' and ')}`,
            evidence: { mac, vms },
            remedy: advice(['vm', 'detach', domain.name, String(nic.index)], ['vm', 'attach', domain.name, source]),
          },
        ];
      },
    );
  },
});

const bridgeMissing = check({
  code: 'nic-bridge-missing',
  severity: 'error',
  title: 'A VM has a NIC on a bridge that does not exist',
  explanation: 'The VM does not start. The bridge was renamed, is not configured for boot, or was never created.',
  example: 'kvmnet bridge create br0 --port eno1',
  needs: ['libvirt', 'host'],
  find: ({ libvirt, host }) => {
    const made = new Set(libvirt.networks.map(bridgeMadeFor));
    const known = new Set(host.links.map(({ name }) => name));
    const uses = nextUses(libvirt).flatMap(({ domain, definition }) => {
      const { source, virtualport } = definition;
      const bridge = source?.network === undefined ? source?.bridge : undefined;
      const isMissing = bridge !== undefined && virtualport === undefined && !known.has(bridge) && !made.has(bridge);
      return isMissing ? [{ bridge, vm: domain.name }] : [];
    });
    return [...groupBy(uses, ({ bridge }) => bridge)].map(([bridge, users]) => {
      const vms = [...new Set(users.map(({ vm }) => vm))];
      return {
        message: `bridge ${bridge} does not exist, but NICs of ${vms.join(', ')} use it`,
        evidence: { device: bridge, vms },
        remedy: advice(['bridge', 'create', bridge]),
      };
    });
  },
});

const parentMissing = check({
  code: 'nic-parent-missing',
  severity: 'error',
  title: 'A VM has a macvtap NIC on a NIC of the host that does not exist',
  explanation: 'The VM does not start. The NIC was renamed or removed.',
  example: 'kvmnet vm move VM1 52:54:00:12:34:56 eno1 --macvtap --config',
  needs: ['libvirt', 'host'],
  find: ({ libvirt, host }) =>
    nextUses(libvirt).flatMap(({ domain, nic, definition }) => {
      const dev = definition.type === 'direct' ? definition.source?.dev : undefined;
      if (dev === undefined || host.links.some(({ name }) => name === dev)) return [];
      const words = ['vm', 'move', domain.name, nameOf(nic), spareNic(host) ?? 'NIC', '--macvtap', '--config'];
      return [
        {
          message: `${domain.name}: NIC ${nameOf(nic)} is on ${dev}, which does not exist`,
          evidence: { vm: domain.name, nic: nameOf(nic), device: dev },
          remedy: advice(words),
        },
      ];
    }),
});

const namesBridge = check({
  code: 'nic-names-bridge-of-network',
  severity: 'notice',
  title: 'A NIC names the bridge of a network instead of the network',
  explanation:
    'libvirt does not know that the guest is in the network: it starts the guest without the network, and after a restart of the network the NIC is cut off and no program reattaches it.',
  example: 'kvmnet vm move VM1 52:54:00:12:34:56 keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    nextUses(libvirt).flatMap(({ domain, nic, definition }) => {
      const { source } = definition;
      if (source?.network !== undefined || source?.bridge === undefined) return [];
      const network = libvirt.networks.find((each) => bridgeMadeFor(each) === source.bridge);
      if (network === undefined) return [];
      return [
        {
          message: `${domain.name}: NIC ${nameOf(nic)} names the bridge ${source.bridge}, not its network ${network.name}`,
          evidence: { vm: domain.name, nic: nameOf(nic), device: source.bridge },
          remedy: advice(['vm', 'move', domain.name, nameOf(nic), network.name]),
        },
      ];
    }),
});

export const machineChecks: readonly Check[] = [
  macTwice,
  bridgeMissing,
  parentMissing,
  noSlots,
  changePending,
  namesBridge,
];
