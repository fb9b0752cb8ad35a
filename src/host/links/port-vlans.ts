/** The VLANs that a port of a bridge is in. Source: bridge(8) of iproute2 */
import { KvmnetError } from '../../errors.ts';
import { parseList } from './json.ts';
import { run, type RunOptions } from '../run.ts';

export interface PortVlanRecord {
  readonly id: number;
  /** The VLAN of what comes in without a tag. */
  readonly pvid: boolean;
  /** Its frames leave without a tag. */
  readonly untagged: boolean;
}

interface BridgeVlan {
  readonly vlan: number;
  /** The last of a range. */
  readonly vlanEnd?: number;
  readonly flags?: readonly string[];
}

/** The VLANs of a port, by their numbers. */
export async function readPortVlans(port: string, options: RunOptions = {}): Promise<readonly PortVlanRecord[]> {
  return parsePortVlans(await run('bridge', ['-j', 'vlan', 'show', 'dev', port], options), port);
}

/** Parses the output of `bridge -j vlan show` for one port. */
export function parsePortVlans(json: string, port: string): readonly PortVlanRecord[] {
  return parseBridgeVlans(json).get(port) ?? [];
}

/** The VLANs of all ports of bridges, and of the bridges themselves, by their names. */
export async function readBridgeVlans(
  options: RunOptions = {},
): Promise<ReadonlyMap<string, readonly PortVlanRecord[]>> {
  return parseBridgeVlans(await run('bridge', ['-j', 'vlan', 'show'], options));
}

function parseBridgeVlans(json: string): ReadonlyMap<string, readonly PortVlanRecord[]> {
  const ports = parseList(json, 'bridge') as readonly {
    readonly ifname?: string;
    readonly vlans?: readonly BridgeVlan[];
  }[];
  return new Map(ports.map(({ ifname = '', vlans = [] }) => [ifname, vlans.flatMap(allOf)]));
}

function allOf({ vlan, vlanEnd = vlan, flags = [] }: BridgeVlan): readonly PortVlanRecord[] {
  return Array.from({ length: vlanEnd - vlan + 1 }, (_, index) => ({
    id: vlan + index,
    pvid: flags.includes('PVID'),
    untagged: flags.includes('Egress Untagged'),
  }));
}

/**
 * Puts a port into these VLANs, and into no other.
 * @throws DEPENDENCY without bridge(8), or where the kernel has no VLANs on bridges
 */
export async function setPortVlans(
  port: string,
  wanted: readonly PortVlanRecord[],
  options: RunOptions = {},
): Promise<void> {
  const found = await readPortVlans(port, options);
  const remove = found.filter((vlan) => !wanted.some((other) => isSame(vlan, other))).map(({ id }) => id);
  const add = wanted.filter((each) => !found.some((other) => isSame(each, other)));
  await runVlanCommands({ link: port, self: false, add, remove }, options);
}

/**
 * Adds a port, or with `self` a bridge itself, to VLANs and removes it from others, as far as necessary.
 * @throws DEPENDENCY without bridge(8), or if the kernel has no VLANs on bridges; BACKEND if the link does not exist
 */
export async function changeLinkVlans(change: LinkVlansRecord, options: RunOptions = {}): Promise<void> {
  const found = await readPortVlans(change.link, options);
  const add = change.add.filter((each) => !found.some((other) => isSame(each, other)));
  const remove = change.remove.filter((id) => found.some((other) => other.id === id));
  await runVlanCommands({ ...change, add, remove }, options);
}

export interface LinkVlansRecord {
  readonly link: string;
  readonly self: boolean;
  readonly add: readonly PortVlanRecord[];
  readonly remove: readonly number[];
}

/** Removals come first, so that it is never in both. */
async function runVlanCommands({ link, self, add, remove }: LinkVlansRecord, options: RunOptions): Promise<void> {
  const change = (verb: 'add' | 'del', id: number, ...flags: readonly string[]): Promise<string> =>
    run('bridge', ['vlan', verb, 'dev', link, 'vid', String(id), ...flags, ...(self ? ['self'] : [])], options);
  try {
    for (const id of remove) await change('del', id);
    for (const { id, pvid, untagged } of add) {
      await change('add', id, ...(pvid ? ['pvid'] : []), ...(untagged ? ['untagged'] : []));
    }
  } catch (error) {
    if (!(error instanceof KvmnetError) || !error.message.includes('not supported')) throw error;
    throw new KvmnetError('DEPENDENCY', `the kernel of this host has no VLANs on bridges: ${error.message}`, {
      hint: 'it needs CONFIG_BRIDGE_VLAN_FILTERING',
      cause: error,
    });
  }
}

export function isSame(left: PortVlanRecord, right: PortVlanRecord): boolean {
  return left.id === right.id && left.pvid === right.pvid && left.untagged === right.untagged;
}
