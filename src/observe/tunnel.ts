/** A port of this machine that leads to a guest: directly, or over ssh to the guest's host. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import { spawnTunnel } from '../host/run.ts';
import { sshFailure, type SshTarget } from '../host/ssh/ssh.ts';
import { listenFor, loopback, type Endpoint, type LocalPort } from '../host/tunnel.ts';

export { loopback } from '../host/tunnel.ts';

export interface TunnelRequest {
  /** The host of the guest; undefined: this one. */
  readonly on: SshTarget | undefined;
  /** An address and a port of the guest. */
  readonly target: Endpoint;
  /** The local port that the user wants; undefined: the target's port, or a free one. */
  readonly local: number | undefined;
}

/**
 * Opens the tunnel until the signal.
 * @param onOpen gets the local port
 * @throws CONFLICT where the local port is in use, PERMISSION where only root may have it, CONNECT if ssh fails or ends
 */
export async function openTunnel(
  { on, target, local }: TunnelRequest,
  signal: AbortSignal,
  onOpen: (port: number) => Promise<void>,
): Promise<void> {
  const opened = await listenAt(target, local);
  if (on === undefined) {
    try {
      await onOpen(opened.port);
      await untilAborted(signal);
    } finally {
      opened.close();
    }
    return;
  }
  // The port is known to be free; ssh listens there itself.
  opened.close();
  await throughHost(on, target, opened.port, signal, onOpen);
}

async function listenAt(target: Endpoint, local: number | undefined): Promise<LocalPort> {
  if (local !== undefined) return listenFor(target, local);
  try {
    return await listenFor(target, target.port);
  } catch (error) {
    if (!(error instanceof KvmnetError) || !['CONFLICT', 'PERMISSION'].includes(error.code)) throw error;
    return listenFor(target, 0);
  }
}

async function throughHost(
  on: SshTarget,
  { address, port }: Endpoint,
  local: number,
  signal: AbortSignal,
  onOpen: (port: number) => Promise<void>,
): Promise<void> {
  const host = address.includes(':') ? `[${address}]` : address;
  const ssh = spawnTunnel(on, `${loopback}:${String(local)}:${host}:${String(port)}`);
  const over = new AbortController();
  const aborted = untilAborted(AbortSignal.any([signal, over.signal]));
  try {
    const isOpen = await Promise.race([ssh.ready, aborted]);
    if (isOpen === 'aborted') return;
    if (!isOpen) throw sshFailure(on, ssh.printed());
    await onOpen(local);
    if ((await Promise.race([ssh.ended, aborted])) === 'aborted') return;
    throw new KvmnetError('CONNECT', `the connection to ${on.host} ended`);
  } finally {
    over.abort();
    ssh.end();
    ssh.kill(); // without it, ssh waits for the end of open connections
  }
}

/** The longest time that a timer can have, 24 days: it keeps the process alive. */
const maxTimerMs = 2_147_483_647;

async function untilAborted(signal: AbortSignal): Promise<'aborted'> {
  while (!signal.aborted) await sleep(maxTimerMs, undefined, { signal }).catch(() => undefined);
  return 'aborted';
}
