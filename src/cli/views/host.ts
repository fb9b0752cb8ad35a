/** The host's own networking as people and programs see it. */
import type { KernelFacts } from '../../observe/kernel.ts';
import type { KernelFeatures } from '../../records/kernel.ts';
import { kindText } from '../../plan/host/find-link.ts';
import { linkUses } from '../../plan/host/link-users.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { forwardingSetting } from '../../values/sysctl.ts';
import { cidr } from '../../plan/host/wanted.ts';
import type { State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import { aligned } from '../output/aligned.ts';
import { domainsOf } from './link.ts';
import { factLines } from './network.ts';

export interface HostSummary extends KernelFacts {
  readonly links: readonly LinkSummary[];
  readonly defaultRoutes: readonly RouteSummary[];
}

interface LinkSummary {
  readonly name: string;
  readonly kind: string | undefined;
  readonly up: boolean;
  readonly operstate: string;
  readonly mac: string | undefined;
  readonly mtu: number;
  readonly master: string | undefined;
  readonly parent: string | undefined;
  /** The link below which the tree has it. */
  readonly below: string | undefined;
  /** Describes it in words. */
  readonly about: string;
  readonly addresses: readonly string[];
  readonly domains: readonly string[];
}

interface RouteSummary {
  readonly destination: string;
  readonly gateway: string | undefined;
  readonly dev: string | undefined;
  readonly metric: number | undefined;
}

export function summarizeHost(state: State, known: KernelFacts): HostSummary {
  const { links = [], routes = [] } = state.host ?? {};
  const usesOf = linkUses(state);
  const names = new Set(links.map(({ name }) => name));
  const taps = new Map(
    state.domains.flatMap(({ name, active, domain }) =>
      active ? domain.interfaces.map(({ target }) => [target?.dev, name] as const) : [],
    ),
  );
  return {
    links: links.map((link) => {
      const { name, kind, up, operstate, mac, mtu, master, parent, addresses } = link;
      const place = master ?? (standsOn.includes(kind ?? '') ? parent : undefined);
      const owner = taps.get(name);
      return {
        ...{ name, kind, up, operstate, mac, mtu, master, parent, about: aboutLink(link) },
        below: place !== undefined && names.has(place) ? place : undefined,
        addresses: addresses.filter(({ family, scope }) => family === 'ipv4' || scope !== 'link').map(cidr),
        domains: owner === undefined ? domainsOf(usesOf(name).nics) : [owner],
      };
    }),
    defaultRoutes: routes
      .filter((route) => route.table === 'main' && isDefaultRoute(route))
      .map(({ destination, gateway, dev, metric }) => ({ destination, gateway, dev, metric })),
    ...known,
  };
}

/** Kinds of devices that have another one below them. */
const standsOn: readonly string[] = ['vlan', 'macvlan', 'macvtap', 'ipvlan'];

function aboutLink(link: Link): string {
  const { kind, vlan, bridge, bond, macvlan, parent } = link;
  if (vlan) return `VLAN ${String(vlan.id)} of ${parent ?? 'another namespace'}`;
  if (bridge) return `bridge, STP ${bridge.stp ? 'on' : 'off'}${bridge.vlanFiltering ? ', filters VLANs' : ''}`;
  if (bond) return `bond, ${bond.mode}${bond.active === undefined ? '' : `, now ${bond.active}`}`;
  if (macvlan) return `${kind ?? 'macvlan'}, ${macvlan.mode}${parent === undefined ? '' : ` on ${parent}`}`;
  if (kind === 'veth' && parent !== undefined) return `veth to ${parent}`;
  return kind ?? kindText(link).replace(/^(an|a|the) /, '');
}

export function hostText({ links, defaultRoutes, forwarding, managers, features }: HostSummary): string {
  const rows = inTree(links).map(({ link, indent }) => [
    indent + link.name,
    link.up ? link.operstate.toLowerCase().replace('unknown', 'up') : 'off',
    link.about,
    link.addresses.join(' ') || '-',
    link.domains.join(' ') || '-',
  ]);
  const tree = aligned(['Link', 'State', 'Kind', 'Address', 'VMs'], rows, (text) => text.length);
  const facts = factLines([
    ...(defaultRoutes.length === 0
      ? [['Default route', 'none'] as const]
      : defaultRoutes.map((route) => ['Default route', routeText(route)] as const)),
    [
      'Forwarding',
      `IPv4 ${onOff(forwarding[forwardingSetting.ipv4])}, IPv6 ${onOff(forwarding[forwardingSetting.ipv6])}`,
    ],
    ['Bridges', bridgeFirewallText(forwarding)],
    ['At boot', managers && managersText(managers)],
    ['Kernel', features && featuresText(features)],
  ]);
  return `${tree}\n\n${facts}`;
}

interface Row {
  readonly link: LinkSummary;
  readonly indent: string;
}

function inTree(links: readonly LinkSummary[]): readonly Row[] {
  const children = new Map<string | undefined, LinkSummary[]>();
  for (const link of links) {
    const others = children.get(link.below);
    if (others) others.push(link);
    else children.set(link.below, [link]);
  }
  const rowsBelow = (below: string | undefined, depth: number): readonly Row[] =>
    (children.get(below) ?? []).flatMap((link) => [
      { link, indent: '  '.repeat(depth) },
      ...rowsBelow(link.name, depth + 1),
    ]);
  return rowsBelow(undefined, 0);
}

function routeText({ gateway, dev, metric, destination }: RouteSummary): string {
  const way = [gateway === undefined ? '' : `via ${gateway}`, dev === undefined ? '' : `over ${dev}`].filter(
    (text) => text !== '',
  );
  return `${way.join(' ')}${metric === undefined ? '' : `, metric ${String(metric)}`}${destination === '::/0' ? ' (IPv6)' : ''}`;
}

function onOff(value: string | undefined): string {
  return value === undefined ? 'not there' : value === '0' ? 'off' : 'on';
}

/** br_netfilter: without it no firewall of the IP layer sees what a bridge passes. */
function bridgeFirewallText(forwarding: HostSummary['forwarding']): string {
  const calls = Object.entries(forwarding).filter(([name, value]) => name.startsWith('net.bridge.') && value !== '0');
  if (calls.length === 0) return 'what they pass does not go through the IP firewall';
  return `what they pass goes through ${calls.map(([name]) => name.replace('net.bridge.bridge-nf-call-', '')).join(', ')}`;
}

function managersText(managers: Readonly<Record<string, string>>): string {
  const enabled = Object.keys(managers).filter((name) => managers[name] === 'enabled');
  if (enabled.length === 0) return 'no program that kvmnet knows brings devices up';
  const note = enabled.includes('wicked') ? '; kvmnet neither reads nor writes the ifcfg files of wicked (SUSE)' : '';
  return `${enabled.join(', ')} ${enabled.length === 1 ? 'brings' : 'bring'} devices up${note}`;
}

function featuresText(features: KernelFeatures): string {
  const names = {
    vlan: '802.1Q',
    bridgeVlanFiltering: 'VLANs on bridges',
    bond: 'bonds',
    macvlan: 'macvlan',
    macvtap: 'macvtap',
  };
  const listed = (wanted: boolean): string =>
    (Object.keys(names) as (keyof typeof names)[])
      .filter((name) => features[name] === wanted)
      .map((name) => names[name])
      .join(', ');
  const [has, lacks] = [listed(true), listed(false)];
  return [has === '' ? '' : `has ${has}`, lacks === '' ? '' : `lacks ${lacks}`]
    .filter((text) => text !== '')
    .join('; ');
}
