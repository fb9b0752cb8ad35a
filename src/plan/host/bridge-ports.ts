/** Ports that come to a bridge of the host, and that leave it. */
import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import type { Plan, Step } from '../step.ts';
import { asPorts } from './bridge.ts';
import { newPortVlans } from './bridge-vlan.ts';
import { findBridge, findLink, findOwnBridge, hostOf } from './find-link.ts';
import { reachabilityRisk } from './reachability.ts';
import { lossesOfPorts } from './link-delete.ts';
import { linkSteps } from './link-step.ts';
import { linkUses } from './link-users.ts';
import { findPort, requireEthernet, requireNoAddresses } from './port-check.ts';
import { takeIp } from './take-ip.ts';
import { cidr, listed } from './wanted.ts';
import { quoted } from '../../values/quoted.ts';

const instead = (network: string): string =>
  `attach guests to it with kvmnet vm attach VM ${quoted(network)}; or create another bridge`;

/**
 * Adds NICs to a bridge as its ports; with `takeIp` the bridge gets their addresses and routes.
 * @throws INPUT, NOTFOUND or CONFLICT
 */
export function planAddPorts(
  name: string,
  ports: readonly string[],
  state: State,
  options: { readonly takeIp?: boolean } = {},
): Plan {
  refuseSwapped(name, ports, state, 'add-port');
  const bridge = findOwnBridge(name, state, instead);
  const links = [...new Set(ports)].map((port) => findPort(port, name, state));
  const taken = options.takeIp ? takeIp(name, links, hostOf(state), bridge) : undefined;
  for (const link of taken ? [] : links) {
    requireNoAddresses(
      link,
      name,
      `move it to the bridge: kvmnet bridge add-port ${quoted(name)} ${quoted(link.name)} --take-ip`,
    );
  }
  const title = `add ${links.map((link) => link.name).join(', ')} to bridge ${name}`;
  const steps = linkSteps(title, { ...asPorts(links, name), ...taken?.links }, hostOf(state));
  const mac = taken?.links[name]?.mac ?? bridge.mac;
  const { consent, warnings } = lossesOfPorts(links, name, state, { moved: taken !== undefined });
  return {
    title,
    steps: keepingMac({ name, mac }, steps),
    warnings: [...(taken?.warnings ?? []), ...warnings, ...newPortVlans(bridge, links, state)],
    consent,
  };
}

/**
 * Removes ports from a bridge.
 * @param ssh the value of SSH_CONNECTION
 * @throws CONFLICT for a guest's own NIC, and for a port of another bridge
 */
export function planDeletePorts(name: string, ports: readonly string[], state: State, ssh?: string): Plan {
  refuseSwapped(name, ports, state, 'del-port');
  const bridge = findOwnBridge(name, state, instead);
  const host = hostOf(state);
  const links = [...new Set(ports)].map((port) => findLink(port, host));
  for (const link of links) {
    requireEthernet({ ...link, wireless: false }, state);
    if (link.master === name || link.master === undefined) continue;
    throw new KvmnetError('CONFLICT', `${link.name} is a port of ${link.master}, not of ${name}`, {
      hint: `kvmnet bridge del-port ${quoted(link.master)} ${quoted(link.name)}`,
    });
  }
  const leaving = links.filter(({ master }) => master === name);
  const title = `remove ${links.map((link) => link.name).join(', ')} from bridge ${name}`;
  const wanted = Object.fromEntries(leaving.map((link) => [link.name, { master: null }]));
  const steps = keepingMac(bridge, linkSteps(title, wanted, host));
  const consent = [
    ...guestsBehind(bridge, leaving, state),
    ...hostBehind(bridge, leaving),
    ...reachabilityRisk({ steps }, host, ssh).because,
  ];
  return { title, steps, warnings: [], consent };
}

/** Returns what the guests of a bridge can no longer reach. */
function guestsBehind(bridge: Link, leaving: readonly Link[], state: State): readonly string[] {
  const guests = [
    ...new Set(
      linkUses(state)(bridge.name)
        .nics.filter(({ live }) => live)
        .map(({ domain }) => domain),
    ),
  ];
  if (guests.length === 0) return [];
  return leaving.map(
    ({ name }) =>
      `what is behind ${name} and the guests of ${bridge.name} no longer reach each other: ${guests.join(', ')}`,
  );
}

/** Returns what the host can no longer reach through the addresses of its bridge. */
function hostBehind({ name, addresses }: Link, leaving: readonly Link[]): readonly string[] {
  const own = listed(addresses).map(cidr);
  return own.length === 0
    ? []
    : leaving.map((port) => `the host (${own.join(', ')} on ${name}) no longer reaches what is behind ${port.name}`);
}

/** A bridge created by another program may take its MAC from its ports: the kernel keeps an explicitly set one, even if it is the same. */
function keepingMac({ name, mac }: Pick<Link, 'name' | 'mac'>, steps: readonly Step[]): readonly Step[] {
  if (mac === undefined) return steps;
  return steps.map((step) =>
    step.do.call === 'hostLinks'
      ? { ...step, do: { ...step.do, commands: [['link', 'set', 'dev', name, 'address', mac], ...step.do.commands] } }
      : step,
  );
}

/** brctl addif takes the bridge first, ip link the port. */
function refuseSwapped(name: string, ports: readonly string[], state: State, verb: string): void {
  const { links } = hostOf(state);
  const kindOf = (link: string | undefined): string | undefined => links.find((each) => each.name === link)?.kind;
  const there = links.some((link) => link.name === name);
  const [other] = ports;
  if (!there || kindOf(name) === 'bridge' || other === undefined || kindOf(other) !== 'bridge') {
    findBridge(name, hostOf(state));
    return;
  }
  throw new KvmnetError('INPUT', `${name} is not a bridge, but ${other} is: the bridge comes first`, {
    hint: `kvmnet bridge ${verb} ${quoted(other)} ${quoted(name)}`,
  });
}
