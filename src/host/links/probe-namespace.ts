/** A temporary network namespace, from which connections are tried. */
import type { Cable } from '../../records/nat.ts';
import { run, type RunOptions } from '../run.ts';
import { runIp } from './ip.ts';

/** The name of the namespace, and of the cable's end on the host. */
export const probeLink = 'kvmnet-check';

/**
 * Creates the namespace for a task, and deletes it in any case; one that an interrupted check left is deleted first.
 * @throws what ip(8) reports
 */
export async function withNamespace<T>(cable: Cable, options: RunOptions, task: () => Promise<T>): Promise<T> {
  await remove(options);
  try {
    await runIp(
      [
        ['netns', 'add', probeLink],
        ['link', 'add', probeLink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', probeLink],
        ...(cable.bridge === undefined ? [] : [['link', 'set', 'dev', probeLink, 'master', cable.bridge]]),
        ['link', 'set', 'dev', probeLink, 'up'],
        ...cable.host.map((address) => added(address, probeLink)),
      ],
      options,
    );
    await runIp(
      [
        ...['lo', 'eth0'].map((dev) => ['link', 'set', 'dev', dev, 'up']),
        ...cable.inside.map((address) => added(address, 'eth0')),
        ...cable.gateways.map((via) => ['route', 'replace', 'default', 'via', via]),
      ],
      { ...options, netns: probeLink },
    );
    return await task();
  } finally {
    await remove(options);
  }
}

/** Without duplicate address detection: no other host is on the cable. */
function added(address: string, dev: string): readonly string[] {
  return ['address', 'add', address, 'dev', dev, ...(address.includes(':') ? ['nodad'] : [])];
}

async function remove(options: RunOptions): Promise<void> {
  // The cable goes with the namespace, unless that was never connected.
  await run('ip', ['netns', 'delete', probeLink], options).catch(() => undefined);
  await run('ip', ['link', 'delete', 'dev', probeLink], options).catch(() => undefined);
}

/** Every host of libvirt's has bash; a remote one may have no node. Prints `ok`, `silent` after three seconds, or what bash reports. */
const client = `exec 2>&1
if [ "$3" = tcp ]; then
  timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" && echo ok
  [ $? = 124 ] && echo silent
  exit 0
fi
exec 3<>"/dev/udp/$1/$2" || exit 0
for attempt in 1 2 3 4 5 6; do
  echo >&3 || exit 0
  read -r -t 0.5 -N 1 -u 3
  case $? in 0) echo ok; exit 0 ;; 1) exit 0 ;; esac
done
echo silent`;

/** The errors that bash prints, and node's codes for them. */
const failures = [
  ['Connection refused', 'ECONNREFUSED'],
  ['No route to host', 'EHOSTUNREACH'],
  ['Network is unreachable', 'ENETUNREACH'],
] as const;

/** The answer to a connection: `silent` if none comes, or what refuses it. */
export type Answer = 'ok' | 'silent' | (typeof failures)[number][1] | 'fails';

/**
 * Tries a connection from the namespace, or from the host itself.
 * @param inside whether it comes from the namespace
 */
export async function tryConnection(
  inside: boolean,
  { address, port, protocol }: { readonly address: string; readonly port: number; readonly protocol: string },
  options: RunOptions,
): Promise<Answer> {
  const bash = ['bash', '-c', client, 'bash', address, String(port), protocol];
  const [program = '', ...words] = inside ? ['ip', 'netns', 'exec', probeLink, ...bash] : bash;
  const printed = (await run(program, words, options)).trim();
  if (printed === 'ok' || printed === 'silent') return printed;
  return failures.find(([text]) => printed.includes(text))?.[1] ?? 'fails';
}
