import { bestPath } from '../../topology/path/find-path.ts';
import { groundOf } from '../../topology/path/ground.ts';
import type { PathRequest } from '../../topology/path/path.ts';
import { invalid } from '../../values/invalid.ts';
import { parseArrival } from '../../values/forward.ts';
import { flag, parsed, typed } from '../options.ts';
import { paintFor } from '../output/color.ts';
import { pathFacts } from '../explain/path-facts.ts';
import { probed } from '../explain/probe-path.ts';
import { hopColumns, pathText } from '../views/explain/path.ts';

const ends = 'VM, VM:NIC, network namespace, "host", "outside" or IP address';

/** `22`, `53/udp` */
function parsePort(text: string, origin: string): NonNullable<PathRequest['port']> {
  const { listen, dev, ports, protocol = 'tcp' } = parseArrival(text, origin);
  const [number, last] = ports;
  if (listen.length > 0 || dev !== undefined || number !== last) {
    throw invalid(origin, text, 'this is not one port', '22 or 53/udp');
  }
  return { number, protocol };
}

export const command = typed({
  arguments: [
    { name: '<FROM>', description: `The sender: ${ends}`, completes: 'end' },
    { name: '[TO]', description: 'The receiver (default: outside)', completes: 'end' },
  ],
  columns: hopColumns,
  options: {
    port: parsed('--port <PORT>', 'Ask for a TCP port of TO, or 53/udp, instead of ICMP', parsePort),
    probe: flag('--probe', 'Send packets, too, from a temporary network namespace next to FROM'),
  },
  description:
    'Follows packets hop by hop, through the bridges, VLANs, routes and rules of the host, and reports whether they arrive and what stops them. ' +
    'NIC is an index, a tap, a MAC address, an alias or net=NETWORK. "unknown" are paths that leave what the host sees. The exit status is 3 if TO is ' +
    'unreachable, and if the packets of --probe prove otherwise than the answer.',
  examples: [
    ['path VM1 VM2', 'Explain why VM1 reaches VM2, or why not'],
    ['path VM1', 'Show how VM1 gets out'],
    ['path outside VM1 --port 80', 'Follow a connection through a forward or a router'],
    ['path VM1 VM2 --probe', 'Try it, too'],
    ['path VM1:0 192.168.100.40 --json', 'Print each hop for a program'],
  ],
  async run(context, [from = '', to], { port, probe }) {
    const { state, facts } = await pathFacts(context);
    const ground = groundOf(state, facts);
    const found = bestPath({ from, to, port }, ground);
    const { path } = found;
    const proof = probe ? await probed(found, ground, { context, port }) : undefined;
    return {
      value: proof === undefined ? path : { ...path, probe: proof },
      table: { rows: path.hops, columns: hopColumns },
      text: pathText({ path, proof }, paintFor(context.options.color, context.streams.stdout)),
      isVerbatim: true,
      ...(path.verdict === 'unreachable' || proof?.agrees === false ? { status: 3 } : {}),
    };
  },
});
