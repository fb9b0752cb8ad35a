/** Checks of libvirt's networks: whether they run now, and will after the next boot. */
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import { isWaitingNetwork } from '../../state/membership.ts';
import type { DomainState, NetworkState, State } from '../../state/state.ts';
import { groupBy } from '../../values/group-by.ts';
import { quoted } from '../../values/quoted.ts';
import { sameNetwork } from '../../xml/meaning.ts';
import type { Interface } from '../../xml/interface.ts';
import { advice, check, repair, shell, type Check } from '../check.ts';
import { spareNic } from '../ports.ts';

/** A persistent domain's NICs at its next start, or a transient domain's NICs. */
function nextNics({ inactive, domain }: DomainState): readonly Interface[] {
  return (inactive ?? domain).interfaces;
}

/** The names of domains with a NIC in the network at their next start. */
function usersOf({ name }: NetworkState, { domains }: Pick<State, 'domains'>): readonly DomainState[] {
  return domains.filter((domain) => nextNics(domain).some(({ source }) => source?.network === name));
}

const names = (objects: readonly { readonly name: string }[]): readonly string[] => objects.map(({ name }) => name);

const inactive = check({
  code: 'network-inactive',
  severity: 'warning',
  title: 'A network that has autostart or guests is not active',
  explanation: 'Guests with a NIC in an inactive network do not start.',
  example: 'kvmnet net start keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap((network) => {
      const { name, active, autostart } = network;
      const vms = names(usersOf(network, libvirt));
      if (active || (!autostart && vms.length === 0)) return [];
      const reason = vms.length > 0 ? `${vms.join(', ')} cannot start` : 'it has autostart';
      return [
        {
          message: `network ${name} is not active: ${reason}`,
          evidence: { network: name, vms },
          remedy: repair(['net', 'start', name]),
        },
      ];
    }),
});

const notAutostarted = check({
  code: 'network-without-autostart',
  severity: 'warning',
  title: 'A network that guests use has no autostart',
  explanation: 'After the next boot the network is not active, and its guests do not start.',
  example: 'kvmnet net autostart keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap((network) => {
      const { name, active, persistent, autostart } = network;
      const vms = usersOf(network, libvirt);
      const isOther = vms.length === 0 || vms.some((domain) => domain.autostart);
      if (!active || !persistent || autostart || isOther) return [];
      return [
        {
          message: `network ${name} does not start at boot, but NICs of ${names(vms).join(', ')} use it`,
          evidence: { network: name, vms: names(vms) },
          remedy: repair(['net', 'autostart', name]),
        },
      ];
    }),
});

const vmBeforeNetwork = check({
  code: 'vm-autostart-without-network',
  severity: 'error',
  title: 'A VM has autostart, but its network has not',
  explanation: 'At boot libvirt starts the VM without its network, which fails: the VM stays off.',
  example: 'kvmnet net autostart keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap((network) => {
      const { name, persistent, autostart } = network;
      const vms = names(usersOf(network, libvirt).filter((domain) => domain.autostart));
      if (autostart || !persistent || vms.length === 0) return [];
      return [
        {
          message: `network ${name} does not start at boot, but guests with NICs in it do: ${vms.join(', ')}`,
          evidence: { network: name, vms },
          remedy: repair(['net', 'autostart', name]),
        },
      ];
    }),
});

const missing = check({
  code: 'network-missing',
  severity: 'error',
  title: 'A VM has a NIC in a network that does not exist',
  explanation: 'The VM does not start. Create the network, or move the NIC: `kvmnet vm move VM NIC NETWORK --config`.',
  example: 'kvmnet net create keennet --nat auto',
  needs: ['libvirt'],
  find: ({ libvirt }) => {
    const known = new Set([...names(libvirt.networks), ...names(libvirt.unreadable ?? [])]);
    const uses = libvirt.domains.flatMap((domain) =>
      nextNics(domain).flatMap(({ source }) => {
        const network = source?.network;
        return network === undefined || known.has(network) ? [] : [{ network, vm: domain.name }];
      }),
    );
    return [...groupBy(uses, ({ network }) => network)].map(([network, users]) => {
      const vms = [...new Set(users.map(({ vm }) => vm))];
      return {
        message: `network ${network} does not exist, but NICs of ${vms.join(', ')} use it`,
        evidence: { network, vms },
        remedy: advice(['net', 'create', network, '--nat', 'auto']),
      };
    });
  },
});

const transient = check({
  code: 'network-transient',
  severity: 'warning',
  title: 'Guests use a transient network',
  explanation: 'The network has no definition on disk: it is gone when it stops, and at the next boot.',
  example: 'kvmnet net xml keennet | kvmnet net define - --no-start',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap((network) => {
      const { name, active, persistent } = network;
      const vms = names(usersOf(network, libvirt).filter((domain) => domain.persistent));
      if (!active || persistent || vms.length === 0 || isWaitingNetwork(name)) return [];
      return [
        {
          message: `network ${name} is gone when it stops, but NICs of ${vms.join(', ')} use it`,
          evidence: { network: name, vms },
          remedy: shell(`kvmnet net xml ${quoted(name)} | kvmnet net define -`),
        },
      ];
    }),
});

const pending = check({
  code: 'network-change-pending',
  severity: 'notice',
  title: 'The live and the persistent definition of a network differ',
  explanation:
    'The network was changed for its next start. Until then the present definition is in use. A restart reattaches its guests, and kvmnet asks first.',
  example: 'kvmnet net restart keennet',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap(({ name, active, network, inactive: config }) =>
      !active || config === undefined || sameNetwork(network, config)
        ? []
        : [
            {
              message: `network ${name} has a change that only its next start applies`,
              evidence: { network: name },
              remedy: advice(['net', 'restart', name]),
            },
          ],
    ),
});

const bridgeMissing = check({
  code: 'network-host-bridge-missing',
  severity: 'error',
  title: 'A network names a bridge of the host that does not exist',
  explanation: 'libvirt starts such a network, but its guests do not start.',
  example: 'kvmnet bridge create br0 --port eno1',
  needs: ['libvirt', 'host'],
  find: ({ libvirt, host }) =>
    libvirt.networks.flatMap(({ name, network }) => {
      const bridge = network.bridge?.name;
      const isHosts = kindOf(network) === 'bridge' && network.virtualport === undefined;
      if (!isHosts || bridge === undefined || host.links.some((link) => link.name === bridge)) return [];
      return [
        {
          message: `network ${name} names the bridge ${bridge}, which does not exist`,
          evidence: { network: name, device: bridge },
          remedy: advice(['bridge', 'create', bridge]),
        },
      ];
    }),
});

const nicMissing = check({
  code: 'network-nic-missing',
  severity: 'warning',
  title: 'A network names a NIC of the host that does not exist',
  explanation:
    'The NIC was renamed or removed. A NAT or routed network that names it lets nothing out; guests of a macvtap network do not start.',
  example: 'kvmnet net set keennet --dev eno1',
  needs: ['libvirt', 'host'],
  find: ({ libvirt, host }) =>
    libvirt.networks.flatMap(({ name, network }) => {
      const dev = network.forward?.dev;
      if (dev === undefined || host.links.some((link) => link.name === dev)) return [];
      const nic = spareNic(host) ?? 'NIC';
      const kind = kindOf(network);
      return [
        {
          message: `network ${name} names the NIC ${dev}, which does not exist`,
          evidence: { network: name, device: dev },
          remedy: advice(['net', 'set', name, ...(isVirtual(kind) ? ['--dev', nic] : ['--macvtap', nic])]),
        },
      ];
    }),
});

export const networkChecks: readonly Check[] = [
  inactive,
  notAutostarted,
  vmBeforeNetwork,
  missing,
  transient,
  pending,
  bridgeMissing,
  nicMissing,
];
