/** Arguments of ip-link(8) that make a link, and that change one. */
import type { Link } from '../../records/link.ts';
import type { IpCommand, WantedLink } from '../../records/desired-link.ts';

/** Returns `ip link add` with all settings that it accepts. */
export function creation(name: string, link: WantedLink): IpCommand {
  const { kind = 'dummy', parent, vlan, bond, macvlan, peer, peerNetns, mac, mtu } = link;
  return [
    ...['link', 'add'],
    ...(parent === undefined || peer !== undefined ? [] : ['link', parent]),
    ...['name', name],
    ...(mac === undefined ? [] : ['address', mac]),
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
    ...['type', kind],
    ...(vlan ? ['protocol', vlan.protocol, 'id', String(vlan.id)] : []),
    ...(macvlan ? ['mode', macvlan.mode] : []),
    ...(peer === undefined ? [] : ['peer', 'name', peer, ...(peerNetns === undefined ? [] : ['netns', peerNetns])]),
    ...(bond ? bondOptions(bond) : []),
    ...bridgeOptions(link.bridge ?? {}, undefined),
  ];
}

/** Returns the commands that change an existing link. */
export function settings(name: string, link: WantedLink, current: Link | undefined): readonly IpCommand[] {
  if (!current) return [];
  const { mac, mtu, bridge } = link;
  const change = (...args: readonly string[]): IpCommand => ['link', 'set', 'dev', name, ...args];
  return [
    ...(mac === undefined || mac === current.mac ? [] : [change('address', mac)]),
    ...(mtu === undefined || mtu === current.mtu ? [] : [change('mtu', String(mtu))]),
    ...bridgeChanges(bridge ?? {}, current.bridge).map((options) => change('type', 'bridge', ...options)),
  ];
}

/** The kernel takes the delay before STP, however they are written: one below two seconds has to wait until STP is off. */
function bridgeChanges(
  wanted: Partial<NonNullable<Link['bridge']>>,
  current: Link['bridge'],
): readonly (readonly string[])[] {
  const { stp, ...others } = wanted;
  const parts =
    stp === false
      ? [bridgeOptions({ stp }, current), bridgeOptions(others, current)]
      : [bridgeOptions(wanted, current)];
  return parts.filter((options) => options.length > 0);
}

/** Hundredths of a second, as iproute2 wants them. */
const centiseconds = (seconds: number): string => String(Math.round(seconds * 100));

function bridgeOptions(wanted: Partial<NonNullable<Link['bridge']>>, current: Link['bridge']): readonly string[] {
  const differs = (key: keyof NonNullable<Link['bridge']>): boolean =>
    wanted[key] !== undefined && wanted[key] !== current?.[key];
  const flag = (value: boolean | undefined): string => (value === true ? '1' : '0');
  return [
    ...(differs('stp') ? ['stp_state', flag(wanted.stp)] : []),
    ...(differs('forwardDelay') ? ['forward_delay', centiseconds(wanted.forwardDelay ?? 0)] : []),
    ...(differs('helloTime') ? ['hello_time', centiseconds(wanted.helloTime ?? 0)] : []),
    ...(differs('maxAge') ? ['max_age', centiseconds(wanted.maxAge ?? 0)] : []),
    ...(differs('ageingTime') ? ['ageing_time', centiseconds(wanted.ageingTime ?? 0)] : []),
    ...(differs('priority') ? ['priority', String(wanted.priority)] : []),
    // Only if needed: a kernel without the feature refuses the keyword.
    ...((wanted.vlanFiltering ?? false) !== (current?.vlanFiltering ?? false) && wanted.vlanFiltering !== undefined
      ? ['vlan_filtering', flag(wanted.vlanFiltering)]
      : []),
  ];
}

function bondOptions({ mode, miimon, primary }: NonNullable<Link['bond']>): readonly string[] {
  return [...['mode', mode, 'miimon', String(miimon)], ...(primary === undefined ? [] : ['primary', primary])];
}
