/** The rules that libvirt makes for its networks, for hosts whose own rules are out of sight. @see networkAddFirewallRules() of libvirt */
import { packetHost } from '../../firewall/packet-host.ts';
import type { PacketHost } from '../../firewall/journey.ts';
import type { Chain, Condition, Effect, Rule, Table } from '../../firewall/ruleset.ts';
import type { Link, Route } from '../../records/link.ts';
import { addressesOf } from '../../state/network-address.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { formatSubnet, lastOf, subnetOf, type Subnet } from '../../values/subnet.ts';
import { forwardingSetting } from '../../values/sysctl.ts';
import { parseIp, type Range } from '../../values/address.ts';

/** Returns a host with libvirt's rules only; `open` networks have none. */
export function assumedPacketHost({ networks, host }: State, links: readonly Link[]): PacketHost {
  return packetHost({
    ...{ tables: [libvirtTable(networks.filter(({ active }) => active))], links, reversePathFilters: {} },
    routes: host?.routes ?? links.flatMap(connectedRoutes),
    sysctls: { [forwardingSetting.ipv4]: '1', [forwardingSetting.ipv6]: '1' },
  });
}

function connectedRoutes({ name, addresses }: Link): readonly Route[] {
  return addresses.map(({ address, prefix }) => ({
    ...{ destination: formatSubnet(subnetOf(parseIp(address, 'address'), prefix)), gateway: undefined, dev: name },
    table: 'main',
  }));
}

/** The order of the chains decides: a guest of an isolated network can send to one of a routed network, which does not get an answer back. */
const chains = ['cross', 'input', 'output'] as const;
type ChainName = (typeof chains)[number];

function libvirtTable(networks: readonly NetworkState[]): Table {
  const rulesOf = (chain: ChainName): readonly Rule[] => networks.flatMap((network) => networkRules(network, chain));
  const base = { hook: 'forward', priority: 0, policy: 'accept', isNat: false } as const;
  const jumps = chains.map((chain) => rule(`jump guest_${chain}`, [], { kind: 'jump', chain: `guest_${chain}` }));
  const own = chains.map((name): Chain => ({ name: `guest_${name}`, rules: rulesOf(name) }));
  const nat = { hook: 'postrouting', priority: 100, policy: 'accept', isNat: true } as const;
  return {
    ...{ tool: 'nft', family: 'inet', name: 'libvirt_network' },
    chains: [
      { name: 'forward', base, rules: jumps },
      ...own,
      { name: 'guest_nat', base: nat, rules: networks.flatMap(natRules) },
    ],
  };
}

function networkRules({ network, bridge }: NetworkState, chain: ChainName): readonly Rule[] {
  const kind = kindOf(network);
  if (!isVirtual(kind) || kind === 'open' || bridge === undefined) return [];
  const here = { cross: ['inDevice', 'outDevice'], input: ['outDevice'], output: ['inDevice'] } as const;
  const at = here[chain].map((on): Condition => ({ on, names: [bridge] }));
  if (chain === 'cross') return [rule(`iifname ${bridge} oifname ${bridge} accept`, at, { kind: 'accept' })];
  const [on, side, other] =
    chain === 'input'
      ? (['oifname', 'destination', 'inDevice'] as const)
      : (['iifname', 'source', 'outDevice'] as const);
  const dev = network.forward?.dev;
  const toDevice: readonly Condition[] = dev === undefined ? [] : [{ on: other, names: [dev] }];
  const accepted = addressesOf(network).map(({ subnet }) => {
    const answers: readonly Condition[] =
      kind === 'nat' && chain === 'input' && isTranslated(network, subnet)
        ? [{ on: 'state', names: ['established', 'related'] }]
        : [];
    const conditions: readonly Condition[] = [{ on: side, ranges: [rangeOf(subnet)] }, ...at, ...toDevice, ...answers];
    return rule(`${formatSubnet(subnet)} ${on} ${bridge} accept`, conditions, { kind: 'accept' });
  });
  const rejects = rule(`${on} ${bridge} reject`, at, { kind: 'reject' });
  return [...(kind === 'isolated' ? [] : accepted), rejects];
}

/** IPv6 is routed unless the network asks for its translation. */
function isTranslated({ forward }: NetworkState['network'], { family }: Subnet): boolean {
  return family === 'ipv4' || forward?.nat?.ipv6 === true;
}

function natRules({ network }: NetworkState): readonly Rule[] {
  if (kindOf(network) !== 'nat') return [];
  const dev = network.forward?.dev;
  return addressesOf(network)
    .filter(({ subnet }) => isTranslated(network, subnet))
    .map(({ subnet }) => {
      const ranges = [rangeOf(subnet)];
      const conditions: readonly Condition[] = [
        { on: 'source', ranges },
        { on: 'destination', ranges, not: true },
        ...(dev === undefined ? [] : [{ on: 'outDevice', names: [dev] } as const]),
      ];
      return rule(`saddr ${formatSubnet(subnet)} masquerade`, conditions, { kind: 'masquerade' });
    });
}

function rule(text: string, conditions: readonly Condition[], effect: Effect): Rule {
  return { text, conditions, effect };
}

function rangeOf(subnet: Subnet): Range {
  const { family, first } = subnet;
  return { start: { family, value: first }, end: { family, value: lastOf(subnet) } };
}
