/** A bridge of the host, with its ports and its address. */
import { KvmnetError } from '../../errors.ts';
import type { HostState, State, WholeHost } from '../../state/state.ts';
import type { Address, Link } from '../../records/link.ts';
import type { Plan } from '../step.ts';
import type { Ip } from '../../values/address.ts';
import { parseBridgeName } from '../../values/name.ts';
import { filteringOn, newPortVlans } from './bridge-vlan.ts';
import { hostOf, kindText, refuseForeign } from './find-link.ts';
import { defaultRoute } from './default-route.ts';
import { requireFreeAddress } from './host-address.ts';
import type { WantedLink, WantedLinks } from '../../records/desired-link.ts';
import { lossesOfPorts } from './link-delete.ts';
import { linkSteps } from './link-step.ts';
import { findPort, requireNoAddresses } from './port-check.ts';
import { routesThrough } from './routes.ts';
import { takeIp, type Taken } from './take-ip.ts';
import { listed } from './wanted.ts';
import { quoted } from '../../values/quoted.ts';

export interface BridgeOptions {
  readonly name: string;
  readonly ports: readonly string[];
  /** Moves the addresses, routes and MAC of its NIC to the bridge. */
  readonly takeIp?: boolean;
  readonly address?: Address | undefined;
  readonly gateway?: Ip | undefined;
  /** As parseMac gives it. */
  readonly mac?: string | undefined;
  readonly stp: boolean;
  readonly vlanFiltering: boolean;
  /** For a bridge without a NIC whose MAC it could have: a locally administered one, chosen once. */
  readonly randomMac: string;
}

/** The shortest that the kernel takes with STP: a new port passes frames after twice as long. */
export const shortestDelay = 2;

/**
 * Creates a bridge, or adds the given settings to an existing one. Its MAC is fixed from the beginning: it does not change when ports come and go.
 * STP is off, and ports forward immediately, unless requested: otherwise a guest's DHCP would time out.
 * @throws INPUT, NOTFOUND or CONFLICT
 */
export function planBridgeCreate(options: BridgeOptions, state: State): Plan {
  const { name } = options;
  const host = hostOf(state);
  const current = existing(name, state);
  const ports = [...new Set(options.ports)].map((port) => findPort(port, name, state));
  const taken = options.takeIp ? taking(options, ports, host, current) : undefined;
  for (const port of taken ? [] : ports) {
    requireNoAddresses(
      port,
      name,
      `move it to the bridge: kvmnet bridge create ${quoted(name)} --port ${quoted(port.name)} --take-ip`,
    );
  }
  const made = wantedBridge(options, current, ports, state);
  const onto = taken?.links[name];
  const bridge = { ...made.bridge, ...onto, bridge: { ...onto?.bridge, ...made.bridge.bridge } };
  const losses = lossesOfPorts(ports, name, state, { moved: taken !== undefined });
  const filtering = current && options.vlanFiltering ? filteringOn(current, state) : undefined;
  const warnings = [
    ...made.warnings,
    ...(taken?.warnings ?? []),
    ...(filtering?.warnings ?? []),
    ...losses.warnings,
    ...(current ? newPortVlans(current, ports, state) : []),
  ];
  const wanted: WantedLinks = { ...asPorts(ports, name), ...taken?.links, [name]: bridge };
  const title = `create bridge ${name}`;
  const joined = ports.length === 0 ? '' : ` with ${ports.map((port) => port.name).join(', ')}`;
  const steps = [...linkSteps(`${title}${joined}`, wanted, host), ...(filtering?.steps ?? [])];
  return { title: `${title}${joined}`, steps, warnings, consent: losses.consent };
}

/** @throws USAGE for what comes from the NIC */
function taking(
  options: BridgeOptions,
  ports: readonly Link[],
  host: WholeHost,
  current: Link | undefined,
): Taken | undefined {
  const { name, address, gateway, mac } = options;
  const given = Object.entries({ '--address': address, '--gateway': gateway, '--mac': mac });
  const other = given.find(([, value]) => value !== undefined)?.[0];
  if (other !== undefined) {
    throw new KvmnetError(
      'USAGE',
      `--take-ip and ${other} exclude each other: the bridge inherits the NIC's settings`,
      {
        hint: `omit one of them`,
      },
    );
  }
  return takeIp(name, ports, host, current);
}

/** These links as ports of a bridge, and up. */
export function asPorts(ports: readonly Link[], master: string): WantedLinks {
  return Object.fromEntries(ports.map((port) => [port.name, { master, up: true }]));
}

/** A bridge that is created together with another device, such as a VLAN device: with the settings that every bridge gets. */
export function plainBridge(mac: string): WantedLink {
  return { kind: 'bridge', mac, up: true, bridge: { stp: false, forwardDelay: 0 } };
}

/**
 * Returns the bridge with a name, or undefined if it can be created.
 * @throws INPUT for an invalid name; CONFLICT if another program or another device has it
 */
export function existing(name: string, state: State, origin = 'BRIDGE'): Link | undefined {
  const current = hostOf(state).links.find((link) => link.name === name);
  if (!current) parseBridgeName(name, origin);
  refuseForeign(name, state, (network) => `kvmnet net show ${quoted(network)}; or give your bridge another name`);
  if (!current || current.kind === 'bridge') return current;
  throw new KvmnetError('CONFLICT', `${name} already exists (${kindText(current)})`, {
    hint: 'give the bridge another name',
  });
}

function wantedBridge(
  options: BridgeOptions,
  current: Link | undefined,
  ports: readonly Link[],
  state: State,
): { readonly bridge: WantedLink; readonly warnings: readonly string[] } {
  const { name, stp, vlanFiltering } = options;
  const mac = options.mac === undefined ? undefined : freeMac(options.mac, name, ports, hostOf(state));
  const { addresses, warnings } = wantedAddresses(options, current, state);
  const settings = {
    ...(stp ? { stp, ...(current?.bridge?.stp ? {} : { forwardDelay: shortestDelay }) } : {}),
    ...(vlanFiltering ? { vlanFiltering } : {}),
  };
  const base: WantedLink = current ? { kind: 'bridge', up: true } : plainBridge(firstMac(ports) ?? options.randomMac);
  return {
    bridge: {
      ...base,
      ...(mac === undefined ? {} : { mac }),
      bridge: { ...base.bridge, ...settings },
      ...addresses,
    },
    warnings: [...warnings, ...(stp && !current?.bridge?.stp ? [stpWarning(name)] : [])],
  };
}

export function stpWarning(bridge: string): string {
  return `with STP a port of ${bridge} forwards no frames for its first ${String(2 * shortestDelay)} seconds, or as long as the network's root bridge requires`;
}

/** Existing settings stay. */
function wantedAddresses(
  { name, address, gateway }: BridgeOptions,
  current: Link | undefined,
  state: State,
): { readonly addresses: Pick<WantedLink, 'addresses' | 'routes'>; readonly warnings: readonly string[] } {
  const { routes } = hostOf(state);
  const own = listed(current?.addresses ?? []);
  const isNew = address && !own.some((each) => each.address === address.address && each.prefix === address.prefix);
  const all = isNew ? [...own, address] : own;
  const warnings = isNew ? requireFreeAddress(address, name, state) : [];
  const there = current ? routesThrough(name, routes) : [];
  const route = gateway === undefined ? undefined : defaultRoute(gateway, name, all, routes);
  return {
    addresses: {
      ...(isNew ? { addresses: all } : {}),
      ...(route
        ? {
            routes: [
              ...there.filter(({ destination, table }) => destination !== route.destination || table !== 'main'),
              route,
            ],
          }
        : {}),
    },
    warnings,
  };
}

/** Returns the MAC of the first port that is a network card, or is on top of one: neighbors then know the bridge as the host. */
function firstMac(ports: readonly Link[]): string | undefined {
  return ports.find(({ kind, mac }) => mac !== undefined && (kind === undefined || kind === 'vlan' || kind === 'bond'))
    ?.mac;
}

/** Two devices with one MAC in one Ethernet take each other's frames; a bridge and its own ports are one. */
function freeMac(mac: string, bridge: string, ports: readonly Link[], { links }: HostState): string {
  const own = new Set([bridge, ...ports.map(({ name }) => name)]);
  const other = links.find((link) => link.mac === mac && !own.has(link.name) && link.master !== bridge);
  if (!other) return mac;
  throw new KvmnetError('CONFLICT', `--mac ${mac}: ${other.name} has this MAC`, {
    hint: 'leave out --mac: the bridge gets the MAC address of its first NIC, or a free one',
  });
}
