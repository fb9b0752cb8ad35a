/** Checks whether a router next to this host answers by ARP or neighbor discovery, which a router cannot refuse, unlike a ping. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseList } from './json.ts';
import { run } from '../run.ts';

/** Milliseconds between two looks. */
const interval = 200;

/** UDP's discard service, RFC 863: what is sent there asks for nothing. */
const discard = 9;

/**
 * Probes a neighbor until it has answered, or `patience` milliseconds are over. The kernel's old entry is deleted first: otherwise it
 * would be taken for an answer for half a minute.
 */
export async function answers(address: string, dev: string, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  await run('ip', ['neighbour', 'flush', 'to', address, 'dev', dev]).catch(() => ''); // the device may be down
  for (;;) {
    await knock(address, dev);
    if (await isKnown(address, dev)) return true;
    if (performance.now() >= deadline) return false;
    await sleep(interval);
  }
}

/** Sends one datagram, for which the kernel must resolve the neighbor's MAC; whether it arrives does not matter. */
function knock(address: string, dev: string): Promise<void> {
  const socket = process.getBuiltinModule('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const to = address.startsWith('fe80:') ? `${address}%${dev}` : address;
  return new Promise<void>((resolve) => {
    const end = (): void => {
      resolve();
    };
    socket.on('error', end); // no route to it
    socket.send('', discard, to, end);
  }).finally(() => socket.close());
}

interface IpNeighbor {
  readonly lladdr?: string;
  readonly state?: readonly string[];
}

async function isKnown(address: string, dev: string): Promise<boolean> {
  const shown = await run('ip', ['-j', 'neighbour', 'show', 'to', address, 'dev', dev]).catch(() => '');
  const found = parseList(shown, 'ip') as readonly IpNeighbor[];
  return found.some(({ lladdr, state = [] }) => lladdr !== undefined && !state.includes('FAILED'));
}
