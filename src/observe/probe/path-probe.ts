/** Sends the packets of a path for real. */
import {
  claimAddress,
  echoRequests,
  hasNeighbor,
  ping,
  tryConnection,
  whenForwarding,
  withNamespaces,
} from '../../host/links/probe-namespace.ts';
import type { RunOptions } from '../../host/run.ts';
import type { Cable } from '../../records/cable.ts';
import { hostTarget } from '../host-target.ts';

/** The packets to send, and their sender. */
export interface PathProbe {
  /** Undefined: the host itself. */
  readonly source: Cable | undefined;
  /** Addresses for it in CIDR form, of which the first free one is used. */
  readonly candidates: readonly string[];
  /** A namespace that receives the packets. */
  readonly target: Cable | undefined;
  readonly address: string;
  readonly port?: { readonly number: number; readonly protocol: 'tcp' | 'udp' } | undefined;
}

/** `arrived`: at the namespace that receives them, but the answers were lost; `neighbor`: only ARP was answered; `busy`: no address was free. */
export type ProbeAnswer = 'answered' | 'arrived' | 'neighbor' | 'silent' | 'busy';

/**
 * Sends packets from a temporary namespace, which is deleted in any case.
 * @param signal ends it once the packets that are under way are lost
 */
export async function probePath(uri: string, probe: PathProbe, signal: AbortSignal): Promise<ProbeAnswer> {
  const { source, candidates, target, address, port } = probe;
  const options = { on: hostTarget(uri) };
  const cables = [source, target].filter((cable) => cable !== undefined);
  return withNamespaces(cables, options, async (names) => {
    await whenForwarding(cables, options, signal);
    const [first, second] = names;
    const from = source === undefined ? undefined : first;
    if (from !== undefined && candidates.length > 0) {
      signal.throwIfAborted();
      const gateways = source?.gateways ?? [];
      if ((await claimAddress(from, { candidates, gateways }, options)) === undefined) return 'busy';
    }
    signal.throwIfAborted();
    const receiver = target === undefined ? undefined : source === undefined ? first : second;
    const isAnswered =
      port === undefined
        ? (await ping(from, [address], options)).has(address)
        : (await tryConnection(from, { address, port: port.number, protocol: port.protocol }, options)) === 'ok';
    if (isAnswered) return 'answered';
    if (receiver !== undefined && ((await echoRequests([receiver], options))[0] ?? 0) > 0) return 'arrived';
    return from !== undefined && (await hasNeighbor(from, address, options)) ? 'neighbor' : 'silent';
  });
}

/** A namespace of a matrix: its cable, and the address that others send to. */
export interface Stand {
  readonly target: Cable;
  readonly address: string;
}

/** The answer that one of them gets from another. */
export type MatrixAnswer = 'answered' | 'arrived' | 'silent';

/** Sends packets from each namespace to each other one. */
export async function probeMatrix(
  uri: string,
  stands: readonly Stand[],
  signal: AbortSignal,
): Promise<readonly (readonly MatrixAnswer[])[]> {
  const options: RunOptions = { on: hostTarget(uri) };
  const cables = stands.map(({ target }) => target);
  return withNamespaces(cables, options, async (names) => {
    await whenForwarding(cables, options, signal);
    const rows: (readonly MatrixAnswer[])[] = [];
    let before = await echoRequests(names, options);
    for (const name of names) {
      signal.throwIfAborted();
      // One sender at a time: the receivers only count packets.
      const answered = await ping(
        name,
        stands.map(({ address }) => address),
        options,
      );
      const after = await echoRequests(names, options);
      const arrived = after.map((count, index) => count > (before[index] ?? 0));
      rows.push(
        stands.map(({ address }, index) =>
          answered.has(address) ? 'answered' : arrived[index] === true ? 'arrived' : 'silent',
        ),
      );
      before = after;
    }
    return rows;
  });
}
