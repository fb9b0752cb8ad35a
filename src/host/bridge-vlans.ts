/** The VLANs of all ports of a host's bridges, by one reading. Source: bridge(8) of iproute2 */
import { parsePortVlans, type PortVlanRecord } from './port-vlans.ts';
import { run, type RunOptions } from './run.ts';

export async function readBridgeVlans(options: RunOptions = {}): Promise<(port: string) => readonly PortVlanRecord[]> {
  const json = await run('bridge', ['-j', 'vlan', 'show'], options);
  return (port) => parsePortVlans(json, port);
}
