/** The VLANs that a port of a bridge is in. Source: bridge(8) of iproute2 */
import { KvmnetError } from '../errors.ts';
import { run, type RunOptions } from './run.ts';

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
export async function readPortVlans(port: string, options: RunOptions = {}): Promise<PortVlanRecord[]> {
  return parsePortVlans(await run('bridge', ['-j', 'vlan', 'show', 'dev', port], options), port);
}

/** What `bridge -j vlan show` printed of one port. */
export function parsePortVlans(json: string, port: string): PortVlanRecord[] {
  const ports = (json.trim() === '' ? [] : JSON.parse(json)) as readonly {
    readonly ifname?: string;
    readonly vlans?: readonly BridgeVlan[];
  }[];
  const vlans = ports.find(({ ifname }) => ifname === port)?.vlans ?? [];
  return vlans.flatMap(({ vlan, vlanEnd = vlan, flags = [] }) =>
    Array.from({ length: vlanEnd - vlan + 1 }, (_, index) => ({
      id: vlan + index,
      pvid: flags.includes('PVID'),
      untagged: flags.includes('Egress Untagged'),
    })),
  );
}

/**
 * Puts a port into these VLANs, and into no other: it leaves the others first, so that it is never in both.
 * @throws DEPENDENCY without bridge(8), or where the kernel has no VLANs on bridges
 */
export async function setPortVlans(
  port: string,
  wanted: readonly PortVlanRecord[],
  options: RunOptions = {},
): Promise<void> {
  const found = await readPortVlans(port, options);
  const change = (verb: 'add' | 'del', id: number, ...flags: readonly string[]): Promise<string> =>
    run('bridge', ['vlan', verb, 'dev', port, 'vid', String(id), ...flags], options);
  try {
    for (const { id } of found.filter((vlan) => !wanted.some((other) => isSame(vlan, other)))) await change('del', id);
    for (const vlan of wanted.filter((each) => !found.some((other) => isSame(each, other)))) {
      await change('add', vlan.id, ...(vlan.pvid ? ['pvid'] : []), ...(vlan.untagged ? ['untagged'] : []));
    }
  } catch (error) {
    if (!(error instanceof KvmnetError) || !error.message.includes('not supported')) throw error;
    throw new KvmnetError('DEPENDENCY', `the kernel of this host has no VLANs on bridges: ${error.message}`, {
      hint: 'it needs CONFIG_BRIDGE_VLAN_FILTERING',
      cause: error,
    });
  }
}

function isSame(left: PortVlanRecord, right: PortVlanRecord): boolean {
  return left.id === right.id && left.pvid === right.pvid && left.untagged === right.untagged;
}
