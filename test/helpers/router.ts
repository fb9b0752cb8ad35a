/** A private host with a NIC: eth0, and at the other end of its cable a router in a network namespace. */
import { expect } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { must, run, start } from './host.ts';
import { settledLinks } from './snapshot.ts';
import { waitFor } from './wait.ts';

/** The host's addresses on eth0, and the router at the other end. */
export const nic = { name: 'eth0', mac: '52:54:00:aa:00:01', mtu: 1400, address: '192.0.2.10', gateway: '192.0.2.1' };

/** As few words as possible, one command a line: `router` stands for the namespace. */
const arrangement = `
ip netns add router
ip link add eth0 address ${nic.mac} type veth peer name up0 netns router
ip link set eth0 mtu ${nic.mtu} up
ip -n router link set up0 mtu ${nic.mtu} up
ip -n router link set lo up
ip -n router address add 192.0.2.1/24 dev up0
ip -n router address add 198.51.100.1/24 dev up0
ip -n router address add 2001:db8::1/64 dev up0 nodad
ip address add 192.0.2.10/24 broadcast + dev eth0
ip address add 192.0.2.11/24 dev eth0 label eth0:1
ip address add 198.51.100.7/24 metric 50 dev eth0
ip address add 192.0.2.129 peer 192.0.2.130/32 dev eth0
ip address add 2001:db8::10/64 dev eth0
ip address add 2001:db8::11/64 dev eth0 valid_lft 5000 preferred_lft 4000
ip address add 2001:db8::12/64 dev eth0 nodad
ip route add default via 192.0.2.1 src 192.0.2.10
ip route add 203.0.113.0/24 via 192.0.2.1 mtu 1300 advmss 1200 proto static
ip route add 203.0.113.77 dev eth0 scope link
ip route add default via 198.51.100.1 table 100
ip rule add from 198.51.100.7 table 100
ip link add other0 type bridge
ip link set other0 addrgenmode none
ip link set other0 up
ip route add 10.99.0.0/16 dev other0 src 192.0.2.10`;

/** Addresses wait for duplicates first. */
const settled = `
ip route add default via 2001:db8::1 metric 512 pref high`;

/** Makes the router, the cable, and all that eth0 carries. */
export async function plugIn(): Promise<void> {
  // libvirtd looks up its own name, and no name server is behind the router: each query would wait ten seconds.
  await writeFile('/run/hosts', `127.0.0.1 localhost ${hostname()}\n`);
  await must('mount', ['--bind', '/run/hosts', '/etc/hosts']);
  await mustAll(arrangement);
  await settledLinks();
  await mustAll(settled);
}

export async function unplug(): Promise<void> {
  await run('umount', ['/etc/hosts']);
  for (const line of [
    'ip link delete eth0',
    'ip link delete other0',
    'ip rule delete table 100',
    'ip netns delete router',
  ])
    await run('ip', line.split(' ').slice(1));
}

/** Runs commands, one a line. */
async function mustAll(lines: string): Promise<void> {
  for (const line of lines.trim().split('\n')) {
    const [program = '', ...args] = line.split(' ');
    await must(program, args);
  }
}

/** State that must be as before: all output of ip and bridge, without numbers of devices and remaining lifetimes. */
export async function hostLinks(): Promise<unknown> {
  const told = await Promise.all([
    must('ip', ['-j', 'address']),
    must('ip', ['-j', '-4', 'route', 'show', 'table', 'all']),
    must('ip', ['-j', '-6', 'route', 'show', 'table', 'all']),
    must('ip', ['-j', 'rule']),
    must('bridge', ['-j', 'link']),
  ]);
  const counted = ['ifindex', 'valid_life_time', 'preferred_life_time', 'expires'];
  return told.map(
    (text) =>
      JSON.parse(text === '' ? '[]' : text, (key, value: unknown) =>
        counted.includes(key) && value !== 0xffffffff ? 0 : value,
      ) as unknown[],
  );
}

/** Waits until all is as it was; a link takes a moment to report that it is up again. */
export async function untilLinksAre(before: unknown): Promise<void> {
  const isSame = async (): Promise<boolean> => JSON.stringify(await hostLinks()) === JSON.stringify(before);
  await waitFor('the links to be as before', isSame, { seconds: 60 }).catch(() => undefined);
  expect(await hostLinks()).toEqual(before);
}

/** A TCP connection from the router to the host, over which bytes go to and fro all the time. */
export interface TcpSession {
  /** Waits until bytes have come back that were sent after this moment. */
  goesOn(): Promise<void>;
  close(): Promise<void>;
}

const server = `require('node:net').createServer((socket) => socket.pipe(socket)).listen(7007, '::')`;
const client = `
const socket = require('node:net').connect(7007, process.argv[1]);
let sent = 0;
setInterval(() => { sent += 1; socket.write(sent + '\\n'); console.log('sent', sent); }, 50);
socket.on('data', (data) => console.log('back', String(data).trim().split('\\n').pop()));
socket.on('close', () => process.exit(3)).on('error', () => undefined);`;

/** Longer than all tests of a file. */
const sessionSeconds = 1200;

const open: TcpSession[] = [];

/** Ends all connections. */
export async function closeSessions(): Promise<void> {
  await Promise.all(open.splice(0).map((session) => session.close()));
}

export async function openSession(address = nic.address): Promise<TcpSession> {
  const echo = start(process.execPath, ['-e', server], { seconds: sessionSeconds });
  await waitFor('the server to listen', async () => (await must('ss', ['-Hlnt'])).includes(':7007 '));
  const peer = start('ip', ['netns', 'exec', 'router', process.execPath, '-e', client, address], {
    seconds: sessionSeconds,
  });
  const last = { sent: 0, back: 0 };
  peer.process.stdout?.on('data', (text: string) => {
    for (const [, word = '', number] of text.matchAll(/(sent|back) (\d+)/g))
      last[word === 'sent' ? 'sent' : 'back'] = Number(number);
  });
  const session: TcpSession = {
    goesOn: async () => {
      const now = last.sent + 1;
      await waitFor('bytes to come back over the same connection', () => last.back > now);
    },
    close: async () => {
      peer.process.kill('SIGKILL');
      echo.process.kill('SIGKILL');
      await Promise.all([peer.outcome, echo.outcome]);
    },
  };
  open.push(session);
  return session;
}
