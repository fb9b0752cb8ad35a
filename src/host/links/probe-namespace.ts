/** Temporary network namespaces, from which connections are tried. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cable } from '../../records/cable.ts';
import { run, type RunOptions } from '../run.ts';
import { runIp } from './ip.ts';
import { parseList } from './json.ts';
import { readNetnsNames } from './netns.ts';

/** The name of the first namespace, and of its cable's end on the host; the other names end in a number. */
export const probeLink = 'kvmnet-check';

const nameOf = (index: number): string => (index === 0 ? probeLink : `${probeLink}${String(index)}`);
const isOurs = (name: string): boolean => name.startsWith(probeLink) && /^\d*$/.test(name.slice(probeLink.length));

/**
 * Creates a namespace for each cable, and deletes them in any case; namespaces that an interrupted run left are deleted first.
 * @param task gets their names, in the order of the cables
 * @throws what ip(8) reports
 */
export async function withNamespaces<T>(
  cables: readonly Cable[],
  options: RunOptions,
  task: (names: readonly string[]) => Promise<T>,
): Promise<T> {
  await remove(options);
  try {
    await runIp(cables.flatMap(outer), options);
    for (const [index, { vlan }] of cables.entries()) {
      if (vlan !== undefined) await joinVlan(nameOf(index), vlan, options);
    }
    await Promise.all(cables.map((cable, index) => runIp(inner(cable), { ...options, netns: nameOf(index) })));
    return await task(cables.map((_, index) => nameOf(index)));
  } finally {
    await remove(options);
  }
}

/** The commands on the host. */
function outer({ bridge, isolated, macvlan, host }: Cable, index: number): readonly (readonly string[])[] {
  const name = nameOf(index);
  const add = ['netns', 'add', name];
  if (macvlan !== undefined) {
    const { parent, mode } = macvlan;
    return [add, ['link', 'add', 'link', parent, 'name', 'eth0', 'netns', name, 'type', 'macvlan', 'mode', mode]];
  }
  return [
    add,
    ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name],
    ...(bridge === undefined ? [] : [['link', 'set', 'dev', name, 'master', bridge]]),
    ...(isolated === true ? [['link', 'set', 'dev', name, 'type', 'bridge_slave', 'isolated', 'on']] : []),
    ['link', 'set', 'dev', name, 'up'],
    ...host.map((address) => added(address, name)),
  ];
}

/** The commands in the namespace. */
function inner({ inside, gateways }: Cable): readonly (readonly string[])[] {
  return [
    ...['lo', 'eth0'].map((dev) => ['link', 'set', 'dev', dev, 'up']),
    ...inside.map((address) => added(address, 'eth0')),
    ...(inside.length === 0 ? [] : gateways.map(defaultRoute)),
  ];
}

function defaultRoute(via: string): readonly string[] {
  return ['route', 'replace', 'default', 'via', via];
}

/** A new port is in VLAN 1. */
async function joinVlan(name: string, vlan: number, options: RunOptions): Promise<void> {
  await run('bridge', ['vlan', 'del', 'dev', name, 'vid', '1'], options);
  await run('bridge', ['vlan', 'add', 'dev', name, 'vid', String(vlan), 'pvid', 'untagged'], options);
}

/** Without duplicate address detection: no other host is on the cable. */
function added(address: string, dev: string): readonly string[] {
  return ['address', 'add', address, 'dev', dev, ...(address.includes(':') ? ['nodad'] : [])];
}

/** Milliseconds between two looks at a port, and that STP may need beyond its delay. */
const [interval, grace] = [500, 10_000];

/** Waits until STP lets frames pass the ports of cables. */
export async function whenForwarding(
  cables: readonly Cable[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, { stpDelay = 0 }] of cables.entries()) {
    const deadline = Date.now() + stpDelay * 1000 + grace;
    while (stpDelay > 0 && Date.now() < deadline && !(await isForwarding(nameOf(index), options))) {
      signal.throwIfAborted();
      await sleep(interval, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function isForwarding(port: string, options: RunOptions): Promise<boolean> {
  const shown = parseList(await run('ip', ['-j', '-d', 'link', 'show', 'dev', port], options), 'ip');
  const [link] = shown as readonly { readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } } }[];
  return link?.linkinfo?.info_slave_data?.state === 'forwarding';
}

/** The cables go with the namespaces, unless they were never connected. */
async function remove(options: RunOptions): Promise<void> {
  const names = (await readNetnsNames(options)).filter(isOurs);
  await Promise.all(names.map((name) => run('ip', ['netns', 'delete', name], options).catch(() => undefined)));
  const links = parseList(await run('ip', ['-j', 'link', 'show', 'type', 'veth'], options), 'ip') as readonly {
    readonly ifname: string;
  }[];
  const left = links.map(({ ifname }) => ifname).filter(isOurs);
  await Promise.all(left.map((name) => run('ip', ['link', 'delete', 'dev', name], options).catch(() => undefined)));
}

/** Milliseconds that a program has: each waits for a few seconds at most, but starts late on a busy machine. */
const patience = 120_000;

/** Programs in a namespace, or on the host itself. nsenter(1) changes nothing else: ip-netns(8) mounts file systems and reads control groups. */
function within(namespace: string | undefined, words: readonly string[], options: RunOptions): Promise<string> {
  const [program = '', ...rest] =
    namespace === undefined ? words : ['nsenter', `--net=/run/netns/${namespace}`, ...words];
  return run(program, rest, { timeout: patience, ...options });
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
 * Tries a connection from a namespace, or from the host itself.
 * @param namespace undefined: the host
 */
export async function tryConnection(
  namespace: string | undefined,
  { address, port, protocol }: { readonly address: string; readonly port: number; readonly protocol: string },
  options: RunOptions,
): Promise<Answer> {
  const bash = ['bash', '-c', client, 'bash', address, String(port), protocol];
  const printed = (await within(namespace, bash, options)).trim();
  if (printed === 'ok' || printed === 'silent') return printed;
  return failures.find(([text]) => printed.includes(text))?.[1] ?? 'fails';
}

/** Two requests to each address at the same time: one may be lost while neighbors are looked for. Prints the answered ones. */
const pings = `for to; do ping -n -q -c 2 -i 0.3 -W 1 "$to" >/dev/null 2>&1 && echo "$to" & done; wait`;

/** Returns the addresses that answer ICMP's requests for an echo, all of which are sent from one place. */
export async function ping(
  namespace: string | undefined,
  addresses: readonly string[],
  options: RunOptions,
): Promise<ReadonlySet<string>> {
  const printed = await within(namespace, ['bash', '-c', pings, 'bash', ...addresses], options);
  return new Set(printed.split('\n').filter((line) => line !== ''));
}

/** Returns how many requests for an echo have come to each namespace. */
export async function echoRequests(namespaces: readonly string[], options: RunOptions): Promise<readonly number[]> {
  return Promise.all(namespaces.map(async (each) => echoes(await within(each, ['cat', '/proc/net/snmp'], options))));
}

/** Two lines for each protocol: the names of its counters, and their values. Source: the kernel's Documentation/networking/snmp_counter. */
function echoes(counters: string): number {
  const lines = counters.split('\n').filter((line) => line.startsWith('Icmp: '));
  const [keys = [], values = []] = lines.map((line) => line.split(' '));
  return Number(values[keys.indexOf('InEchos')] ?? 0);
}

/** Returns whether a neighbor answers for an address (ARP or neighbor discovery), after packets were sent to it. */
export async function hasNeighbor(namespace: string, address: string, options: RunOptions): Promise<boolean> {
  const shown = await run('ip', ['-n', namespace, '-j', 'neigh', 'show', 'to', address], options);
  return (parseList(shown, 'ip') as readonly { readonly lladdr?: string }[]).some(({ lladdr }) => lladdr !== undefined);
}

/** An address of RFC 3927 to ask from. */
const asking = '169.254.117.86/16';

/**
 * Gives a namespace without an address the first of some for which no neighbor answers, and its gateways.
 * @returns undefined where all are in use
 */
export async function claimAddress(
  namespace: string,
  { candidates, gateways }: { readonly candidates: readonly string[]; readonly gateways: readonly string[] },
  options: RunOptions,
): Promise<string | undefined> {
  const inside = { ...options, netns: namespace };
  for (const candidate of candidates) {
    const [address = ''] = candidate.split('/');
    await runIp(
      [
        ['address', 'add', asking, 'dev', 'eth0'],
        ['route', 'add', address, 'dev', 'eth0'],
      ],
      inside,
    );
    await ping(namespace, [address], options);
    const isTaken = await hasNeighbor(namespace, address, options);
    await runIp(
      [
        ['route', 'delete', address, 'dev', 'eth0'],
        ['address', 'delete', asking, 'dev', 'eth0'],
      ],
      inside,
    );
    if (isTaken) continue;
    await runIp([['address', 'add', candidate, 'dev', 'eth0'], ...gateways.map(defaultRoute)], inside);
    return candidate;
  }
  return undefined;
}
