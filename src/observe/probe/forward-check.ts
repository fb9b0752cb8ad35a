/** Tries the connections of forwards for real, and finds the rule that stops one. */
import { examineFlow } from '../../firewall/admission.ts';
import type { Obstacle } from '../../firewall/journey.ts';
import type { Packet } from '../../firewall/packet.ts';
import { probeLink, tryConnection, withNamespaces, type Answer } from '../../host/links/probe-namespace.ts';
import type { Cable } from '../../records/cable.ts';
import type { Forward } from '../../records/nat.ts';
import { parseIp } from '../../values/address.ts';
import { hostTarget } from '../host-target.ts';
import { observePacketHost } from '../packet-host.ts';

/** One connection to try, and where it comes from. */
export interface Attempt {
  readonly forward: Forward;
  readonly address: string;
  readonly port: number;
}

export interface Attempted<A extends Attempt = Attempt> {
  readonly attempt: A;
  readonly answer: Answer;
  /** The rule or the setting that stops it; undefined if none is known. */
  readonly obstacle: Obstacle | undefined;
}

/**
 * Tries connections from the host itself, or from a temporary namespace at the end of a cable.
 * @param signal ends it after the connection that is being tried
 */
export async function attemptAll<A extends Attempt>(
  uri: string,
  attempts: readonly A[],
  cable: Cable | undefined,
  signal: AbortSignal,
): Promise<readonly Attempted<A>[]> {
  const options = { on: hostTarget(uri) };
  const tryEach = async (): Promise<readonly Attempted<A>[]> => {
    const results: Attempted<A>[] = [];
    for (const attempt of attempts) {
      signal.throwIfAborted();
      const { forward, address, port } = attempt;
      const answer = await tryConnection(
        cable === undefined ? undefined : probeLink,
        { address, port, protocol: forward.protocol },
        options,
      );
      results.push({ attempt, answer, obstacle: answer === 'ok' ? undefined : await obstacleOf(uri, attempt, cable) });
    }
    return results;
  };
  return cable === undefined ? tryEach() : withNamespaces([cable], options, tryEach);
}

async function obstacleOf(uri: string, { forward, address, port }: Attempt, cable: Cable | undefined) {
  const inside = cable?.inside.find((each) => each.includes(':') === address.includes(':'))?.split('/')[0];
  const packet: Packet = {
    protocol: forward.protocol,
    source: parseIp(inside ?? address),
    destination: parseIp(address),
    destinationPort: port,
    ...(cable === undefined ? {} : { inDevice: cable.bridge ?? probeLink }),
    states: ['new'],
  };
  const { request, obstacle } = examineFlow(packet, await observePacketHost(uri));
  // The answer to the host itself goes to the address that it was translated to, which is not known here.
  return cable === undefined ? request.obstacle : obstacle;
}
