/** A temporary network namespace, from which connections are tried. */
import type { Cable } from '../../records/nat.ts';
import { run } from '../run.ts';
import { runIp } from './ip.ts';

/** Of the namespace, and of the cable's end on the host. */
const name = 'kvmnet-check';

/**
 * Creates the namespace for a task, and deletes it in any case; one that an interrupted check left is deleted first.
 * @throws what ip(8) reports
 */
export async function withNamespace<T>(cable: Cable, task: () => Promise<T>): Promise<T> {
  await remove();
  try {
    await runIp([
      ['netns', 'add', name],
      ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name],
      ...(cable.bridge === undefined ? [] : [['link', 'set', 'dev', name, 'master', cable.bridge]]),
      ['link', 'set', 'dev', name, 'up'],
      ...cable.host.map((address) => added(address, name)),
    ]);
    await runIp(
      [
        ...['lo', 'eth0'].map((dev) => ['link', 'set', 'dev', dev, 'up']),
        ...cable.inside.map((address) => added(address, 'eth0')),
        ...cable.gateways.map((via) => ['route', 'replace', 'default', 'via', via]),
      ],
      { netns: name },
    );
    return await task();
  } finally {
    await remove();
  }
}

/** Without duplicate address detection: no other host is on the cable. */
function added(address: string, dev: string): readonly string[] {
  return ['address', 'add', address, 'dev', dev, ...(address.includes(':') ? ['nodad'] : [])];
}

async function remove(): Promise<void> {
  // The cable goes with the namespace, unless that was never connected.
  await run('ip', ['netns', 'delete', name]).catch(() => undefined);
  await run('ip', ['link', 'delete', 'dev', name]).catch(() => undefined);
}

/** Prints `ok`, or the code of the error; `silent` after three seconds. */
const client = `const [address, port, protocol] = process.argv.slice(1);
const end = (text) => { process.stdout.write(text); process.exit(); };
setTimeout(() => end('silent'), 3000);
if (protocol === 'tcp') {
  require('node:net').connect({ host: address, port: Number(port) }, () => end('ok')).on('error', ({ code }) => end(code));
} else {
  const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', () => end('ok')).on('error', ({ code }) => end(code));
  socket.connect(Number(port), address, () => setInterval(() => socket.send(''), 200));
}`;

/** The answer to a connection: `silent` if none comes, or a code such as ECONNREFUSED. */
export type Answer = 'ok' | 'silent' | (string & {});

/**
 * Tries a connection from the namespace, or from the host itself.
 * @param inside whether it comes from the namespace
 */
export async function tryConnection(
  inside: boolean,
  { address, port, protocol }: { readonly address: string; readonly port: number; readonly protocol: string },
): Promise<Answer> {
  const program = [process.execPath, '-e', client, address, String(port), protocol] as const;
  return inside ? run('ip', ['netns', 'exec', name, ...program]) : run(program[0], program.slice(1));
}
