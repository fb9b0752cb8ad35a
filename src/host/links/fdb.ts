/** The MAC addresses that a bridge knows, and behind which port each is. Source: bridge(8) of iproute2 */
import type { FdbRecord } from '../../records/kernel.ts';
import { parseList } from './json.ts';
import { run, type RunOptions } from '../run.ts';

interface BridgeFdb {
  readonly mac?: string;
  readonly ifname?: string;
  readonly vlan?: number;
  readonly updated?: number;
  readonly flags?: readonly string[];
  readonly state?: string;
}

/** @throws DEPENDENCY without bridge(8); BACKEND if the bridge does not exist */
export async function readFdb(bridge: string, options: RunOptions = {}): Promise<FdbRecord[]> {
  return parseFdb(await run('bridge', ['-j', '-s', 'fdb', 'show', 'br', bridge], options));
}

/** Parses `bridge -j -s fdb show`, without the addresses that a port's own card filters (`self`). */
export function parseFdb(json: string): FdbRecord[] {
  const entries = parseList(json, 'bridge') as readonly BridgeFdb[];
  return entries.flatMap(({ mac, ifname, vlan, updated, flags = [], state = '' }) =>
    mac === undefined || ifname === undefined || flags.includes('self')
      ? []
      : [{ mac, port: ifname, vlan, seen: updated, learned: state !== 'permanent' && state !== 'static' }],
  );
}
