import { findNetworks } from '../../../state/find-network.ts';
import { usersOf } from '../../../state/network-user.ts';
import { networkProblems, type HealthFacts } from '../../../state/health.ts';
import { leaseViews } from '../../../state/leases.ts';
import { isIn, strandedNics, strandedText } from '../../../state/membership.ts';
import type { NetworkState, State } from '../../../state/state.ts';
import type { CommandDefinition } from '../../command.ts';
import { observeFullHealth } from '../../../observe/examine.ts';
import { printable } from '../../../values/printable.ts';
import { timeLeft } from '../../views/lease.ts';
import { factLines, noNetworks, summarizeNetwork } from '../../views/network.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[NAME...]', description: 'Networks, by name or UUID (default: all)', completes: 'network' }],
  examples: [
    ['net show default', 'Show its addresses, guests and leases'],
    ['net show', 'Show all networks'],
  ],
  async run(context, names) {
    const { state, facts } = await observeFullHealth(context, await context.observe({ routes: false }));
    const networks = names.length === 0 ? state.networks : findNetworks(state, names);
    const shown = networks.map((network) => details(network, state, facts));
    return { value: shown, text: shown.length === 0 ? noNetworks : shown.map(detailText).join('\n\n') };
  },
};

function details(network: NetworkState, state: State, facts: HealthFacts) {
  const summary = summarizeNetwork(network, state.host, networkProblems(network, state, facts));
  const leases = leasesWithHolders(network, state);
  const stranded = strandedNics(state).filter(({ nic }) => isIn(network)(nic));
  return {
    ...summary,
    problems: [...summary.problems, ...stranded.map((nic) => `${strandedText(nic)}: ${nic.remedy}`)],
    mac: network.network.mac?.address,
    mtu: network.network.mtu?.size,
    reservations: network.network.ips
      .flatMap(({ dhcp }) => dhcp?.hosts ?? [])
      .map(({ mac, id, name, ip }) => ({ mac, id, name, ip })),
    guests: usersOf(state, network).map(({ domain, mac, target, live, config }) => ({
      ...{ domain: domain.name, mac, target, live, config },
      addresses: leases.filter((lease) => lease.state === 'active' && lease.mac === mac).map(({ address }) => address),
    })),
    leases,
  };
}

/** As libvirt lists them, with the domain that has each and what it is worth. */
function leasesWithHolders(network: NetworkState, state: State) {
  const views = leaseViews([network], state, Date.now() / 1000);
  return (network.leases ?? []).map((lease) => {
    const view = views.find(({ address, mac }) => address === lease.address && mac === lease.mac);
    return { ...lease, domain: view?.domain, state: view?.state };
  });
}

type Details = ReturnType<typeof details>;

function detailText(shown: Details): string {
  const { name, uuid, active, persistent, autostart, kind, bridge, devices, gateways, subnets, dhcp, problems } = shown;
  const lifecycle = [
    active ? 'active' : 'inactive',
    persistent ? 'persistent' : 'transient',
    autostart ? 'starts at boot' : 'not started at boot',
  ];
  return factLines([
    ['Name', name],
    ['Title', shown.title === undefined ? undefined : printable(shown.title)],
    ['UUID', uuid],
    ['State', lifecycle.join(', ')],
    ['Kind', kind],
    ['Bridge', bridge],
    ['Devices', devices.join(' ')],
    ['MAC', shown.mac],
    ['MTU', shown.mtu === undefined ? undefined : String(shown.mtu)],
    ['Subnet', subnets.join(' ')],
    ['Gateway', gateways.join(' ')],
    ['DHCP', dhcp.join(', ')],
    ['Domain', shown.domain],
    ...shown.reservations.map(
      ({ mac, id, name: host, ip }) =>
        [
          'Reserved',
          `${ip ?? ''} for ${mac ?? id ?? host ?? ''}${host === undefined ? '' : ` (${printable(host)})`}`,
        ] as const,
    ),
    ...shown.guests.map((guest) => ['Guest', guestText(guest)] as const),
    ...shown.leases.map((lease) => ['Lease', leaseText(lease)] as const),
    ...problems.map((problem) => ['Problem', problem] as const),
  ]);
}

function leaseText({ address, mac, hostname, domain, state, expires }: Details['leases'][number]): string {
  const client = `${mac ?? '?'}${hostname === undefined ? '' : ` (${printable(hostname)})`}`;
  const facts = [
    ...(domain === undefined ? [] : [domain]),
    ...(state === undefined || state === 'active' ? [] : [state]),
    ...(state === 'expired' ? [] : [expires === 0 ? 'without end' : `ends in ${timeLeft(expires, Date.now() / 1000)}`]),
  ];
  return [`${address} for ${client}`, ...facts].join(', ');
}

function guestText({ domain, mac, target, live, config, addresses }: Details['guests'][number]): string {
  const when = live && config ? '' : live ? ', not at the next boot' : ', at the next boot';
  return `${domain}: ${mac ?? 'a NIC without a MAC'}${target === undefined ? '' : ` (${target})`}${when}${addresses.map((address) => `, ${address}`).join('')}`;
}
