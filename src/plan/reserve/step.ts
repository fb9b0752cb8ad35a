/** The steps that add and remove reservations of a network: virNetworkUpdate, which keeps dnsmasq running. */
import { reservationsOf, type DhcpHost } from '../../state/leases.ts';
import type { NetworkState } from '../../state/state.ts';
import { buildDhcpHost } from '../../xml/dhcp-host.ts';
import type { Network } from '../../xml/network.ts';
import { updateCommand, updateFlags } from '../network/section.ts';
import type { NetworkUpdate, Step } from '../step.ts';

/** virNetworkUpdateSection: ip-dhcp-host. */
const section = 4;
const commands = { delete: updateCommand.delete, add: updateCommand.addLast } as const;

/** One entry to add or remove. `modify` would change the first entry that has the MAC, the name or the address. */
export interface HostEdit {
  readonly edit: keyof typeof commands;
  readonly parentIndex: number;
  readonly host: DhcpHost;
}

/** A network's definition in one of its scopes. */
export interface Definition {
  readonly scope: 'live' | 'config';
  readonly network: Network;
}

/** The scopes that a network has: both of one that is active and persistent. */
export function definitionsOf({ active, network, inactive }: NetworkState): readonly Definition[] {
  return [
    ...(active ? [{ scope: 'live', network } as const] : []),
    ...(inactive === undefined ? [] : [{ scope: 'config', network: inactive } as const]),
  ];
}

/** The edits of each scope. */
export type Edits = ReadonlyMap<'live' | 'config', readonly HostEdit[]>;

/** One step for both scopes if they need the same edits; libvirt checks both before it changes one, so that it is all or nothing. */
export function editSteps(network: NetworkState, edits: Edits): readonly Step[] {
  const live = edits.get('live') ?? [];
  const config = edits.get('config') ?? [];
  if (live.length > 0 && textOf(live) === textOf(config)) {
    return live.map((edit) => step(network, edit, { live: true, config: true }));
  }
  return [
    ...live.map((edit) => step(network, edit, { live: true, config: false })),
    ...config.map((edit) => step(network, edit, { live: false, config: true })),
  ];
}

function textOf(edits: readonly HostEdit[]): string {
  return JSON.stringify(edits.map(({ edit, parentIndex, host }) => [edit, parentIndex, buildDhcpHost(host)]));
}

function step(network: NetworkState, { edit, parentIndex, host }: HostEdit, scopes: Scopes): Step {
  const xml = buildDhcpHost(host);
  const update = (command: keyof typeof commands): NetworkUpdate => ({
    call: 'networkUpdate',
    network: network.uuid,
    command: commands[command],
    section,
    parentIndex,
    xml,
    flags: (scopes.live ? updateFlags.live : 0) | (scopes.config ? updateFlags.config : 0),
  });
  const present = edit === 'add';
  const what = `${host.ip ?? 'a name'} for ${host.mac ?? host.id ?? host.name ?? 'no client'}`;
  const verb = present ? `reserve ${what} in` : `release ${what} from`;
  return {
    title: `${verb} ${whereIn(network, scopes)}`,
    do: update(edit),
    undo: [update(present ? 'delete' : 'add')],
    verify: { expect: 'section', network: network.uuid, section, parentIndex, xml, present, ...scopes },
  };
}

interface Scopes {
  readonly live: boolean;
  readonly config: boolean;
}

function whereIn({ name, active, inactive }: NetworkState, { live, config }: Scopes): string {
  if (live === active && config === (inactive !== undefined)) return `network ${name}`;
  return live ? `network ${name} until it stops` : `the configuration of network ${name}`;
}

/**
 * Warns about side effects: libvirt restarts dnsmasq if DHCP for IPv4 is switched off, by removing the last entry of an `<ip>` without
 * ranges. Returns sentences for the plan's warnings.
 */
export function sideEffects(network: NetworkState, edits: Edits): readonly string[] {
  if (!network.active) return [];
  const deleted = (edits.get('live') ?? []).filter(({ edit }) => edit === 'delete').length;
  const added = (edits.get('live') ?? []).length - deleted;
  const ranges = network.network.ips.flatMap(({ dhcp }) => dhcp?.ranges ?? []);
  const left = reservationsOf(network.network).length - deleted + added;
  return deleted > 0 && ranges.length === 0 && left === 0
    ? [
        `network ${network.name} then has neither DHCP range nor reservation: DHCP goes off, and DNS is away for a moment`,
      ]
    : [];
}
