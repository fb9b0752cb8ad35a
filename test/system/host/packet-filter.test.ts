import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { examineFlow, formatPlace, observePacketHost, parseIp, type FlowReport, type Packet } from 'kvmnet';
import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { must, run, start, virsh, virshWith, type Running } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { anyRules, writtenRules, type Rules } from '../../helpers/rulesets.ts';
import { waitFor } from '../../helpers/wait.ts';

/** Namespaces, each on a bridge or a cable of the host: `outside` at eth0, guests on a NAT network and on a routed one. */
const places = {
  outside: { device: 'eth0', addresses: ['192.0.2.9/24', '2001:db8::9/64'], gateways: ['192.0.2.1', '2001:db8::1'] },
  nat: { device: 'nat0', addresses: ['192.168.132.10/24'], gateways: ['192.168.132.1'], bridge: 'nat0' },
  routed: {
    ...{ device: 'routed0', bridge: 'routed0' },
    addresses: ['192.168.5.10/24', 'fd00:5::10/64'],
    gateways: ['192.168.5.1', 'fd00:5::1'],
  },
} as const;
type Name = keyof typeof places;

const networks = [
  `<network><name>pfnat</name><forward mode='nat'/><bridge name='nat0' stp='off' delay='0'/>
     <ip address='192.168.132.1' prefix='24'/></network>`,
  `<network><name>pfrouted</name><forward mode='route'/><bridge name='routed0' stp='off' delay='0'/>
     <ip address='192.168.5.1' prefix='24'/><ip family='ipv6' address='fd00:5::1' prefix='64'/></network>`,
];

const ports = [80, 443, 8080];
const listen = `for (const port of ${JSON.stringify(ports)}) require('node:net').createServer((s) => s.end()).listen(port, '::', () => console.log(port))`;

interface Flow {
  readonly from: Name | 'host';
  readonly to: string;
  readonly port: number;
}

const flows: readonly Flow[] = [
  { from: 'outside', to: '192.168.132.10', port: 80 },
  { from: 'outside', to: '192.168.5.10', port: 80 },
  { from: 'outside', to: '192.168.5.10', port: 8080 },
  { from: 'outside', to: 'fd00:5::10', port: 80 },
  { from: 'outside', to: '192.0.2.1', port: 8080 },
  { from: 'nat', to: '192.0.2.9', port: 443 },
  { from: 'nat', to: '192.168.5.10', port: 80 },
  { from: 'routed', to: '192.168.132.10', port: 80 },
  { from: 'routed', to: '2001:db8::9', port: 443 },
  { from: 'host', to: '192.168.132.10', port: 80 },
];

async function ip(line: string): Promise<void> {
  await must('ip', line.split(' '));
}

async function arrange(): Promise<void> {
  for (const xml of networks) await virshWith(xml, 'net-create', 'FILE');
  for (const [name, place] of Object.entries(places)) {
    const { device, addresses, gateways } = place;
    const hostEnd = 'bridge' in place ? `pf-${name}` : device;
    await ip(`netns add ${name}`);
    await ip(`link add ${hostEnd} type veth peer name eth0 netns ${name}`);
    await ip(`link set ${hostEnd} up`);
    if ('bridge' in place) await ip(`link set ${hostEnd} master ${place.bridge}`);
    await ip(`-n ${name} link set lo up`);
    await ip(`-n ${name} link set eth0 up`);
    for (const address of addresses)
      await ip(`-n ${name} address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`);
    for (const gateway of gateways) await ip(`-n ${name} route add default via ${gateway}`);
  }
  await ip('address add 192.0.2.1/24 dev eth0');
  await ip('address add 2001:db8::1/64 dev eth0 nodad');
}

/** The fate of a TCP connection; a packet that is dropped is never answered, so only a moment is waited for one. */
async function tryFlow({ from, to, port }: Flow, expected: string): Promise<string> {
  const seconds = expected === 'dropped' ? '1' : '30';
  const connect = ['timeout', seconds, 'bash', '-c', `exec 3<>/dev/tcp/${to}/${String(port)}`];
  const { status, stderr } = await (from === 'host'
    ? run('timeout', connect.slice(1))
    : run('ip', ['netns', 'exec', from, ...connect]));
  if (status === 0) return 'arrives';
  return status === 124 ? 'dropped' : /refused|unreachable|prohibited/i.test(stderr) ? 'rejected' : stderr;
}

function packetOf({ from, to, port }: Flow): Packet {
  const family = to.includes(':') ? 1 : 0;
  const source = from === 'host' ? '192.0.2.1' : (places[from].addresses[family] ?? '').replace(/\/.*/, '');
  return {
    protocol: 'tcp',
    source: parseIp(source, 'source'),
    destination: parseIp(to, 'destination'),
    destinationPort: port,
    ...(from === 'host' ? {} : { inDevice: places[from].device }),
    states: ['new'],
  };
}

/** Whether the servers of a namespace, or of the host, are up. */
async function listensOn(name: string | undefined): Promise<boolean> {
  const sockets = await (name === undefined
    ? must('ss', ['-Hltn'])
    : must('ip', ['netns', 'exec', name, 'ss', '-Hltn']));
  return ports.every((port) => sockets.includes(`:${String(port)} `));
}

function prediction({ obstacle }: FlowReport): string {
  if (obstacle === undefined) return 'arrives';
  return obstacle.kind === 'rule' ? obstacle.outcome : 'dropped';
}

const uri = 'qemu:///system';

/** Compares the prediction from the rules with the fate of real packets, flow by flow. */
async function expectAgreement(): Promise<readonly string[]> {
  const host = await observePacketHost(uri);
  const predicted = flows.map((flow) => {
    const { from, to, port } = flow;
    return {
      flow,
      name: `${from} ${to} ${String(port)}`,
      expected: prediction(examineFlow(packetOf(flow), host)),
    };
  });
  const seen = await Promise.all(
    predicted.map(async ({ flow, name, expected }) => `${name}: ${await tryFlow(flow, expected)}`),
  );
  const expected = predicted.map(({ name, expected }) => `${name}: ${expected}`);
  expect(seen).toEqual(expected);
  return expected;
}

/** The tables that the rules make with nft. */
const tablesOfNft = new Set(
  Object.values(writtenRules).flatMap(({ nft = '' }) => nft.match(/(?<=^table )\S+ \S+/gm) ?? []),
);

async function load({ iptables, nft }: Rules): Promise<void> {
  if (iptables !== undefined) {
    await writeFile('/run/rules', `${iptables}\n`);
    await must('iptables-restore', ['--noflush', '/run/rules']);
  }
  if (nft !== undefined) {
    await writeFile('/run/rules', nft);
    await must('nft', ['-f', '/run/rules']);
  }
}

onPrivateHost('the fate of a packet', () => {
  const listeners: Running[] = [];
  let own: string;

  beforeAll(async () => {
    await arrange();
    for (const name of [undefined, ...Object.keys(places)]) {
      const command = [process.execPath, '-e', listen];
      const listener = name === undefined ? start('env', command) : start('ip', ['netns', 'exec', name, ...command]);
      listeners.push(listener);
      await waitFor(`the servers of ${name ?? 'the host'}`, () => listensOn(name));
    }
    own = await must('iptables-save', []);
  });

  afterEach(async () => {
    for (const table of tablesOfNft) await run('nft', ['delete', 'table', ...table.split(' ')]);
    await writeFile('/run/own-rules', own);
    await must('iptables-restore', ['/run/own-rules']);
  });

  afterAll(async () => {
    for (const { process, outcome } of listeners) {
      process.kill();
      await outcome;
    }
    for (const name of Object.keys(places)) await run('ip', ['netns', 'delete', name]);
    for (const link of ['eth0', 'pf-nat', 'pf-routed']) await run('ip', ['link', 'delete', link]);
    for (const network of ['pfnat', 'pfrouted']) await virsh('net-destroy', network);
  });

  it.each(Object.entries(writtenRules))('is predicted: %s', async (_, loaded) => {
    await load(loaded);
    await expectAgreement();
  });

  it.each(fc.sample(anyRules, { numRuns: 10, seed: 7 }).map((loaded, index) => [index, loaded] as const))(
    'is predicted, with rules at random: %i',
    async (_, loaded) => {
      await load(loaded);
      await expectAgreement();
    },
  );

  it('names the rules that admit a flow, and with them it arrives', async () => {
    await load(writtenRules['a second table'] ?? {});
    const flow: Flow = { from: 'outside', to: '192.168.132.10', port: 80 };
    const host = await observePacketHost(uri);
    const report = examineFlow(packetOf(flow), host);
    expect(await tryFlow(flow, prediction(report))).toBe('rejected');
    expect(report.admissions.map(({ table, chain }) => `${table.family} ${table.name} ${chain}`)).toEqual([
      'ip filter LIBVIRT_FWI',
      'inet guard forward',
    ]);
    for (const { command } of report.admissions) {
      const [program = '', ...args] = command.split(' ');
      await must(program, args);
    }
    expect(await tryFlow(flow, 'arrives')).toBe('arrives');
  });

  it('names the place of the rule', async () => {
    const host = await observePacketHost(uri);
    const { obstacle } = examineFlow(packetOf({ from: 'outside', to: '192.168.132.10', port: 80 }), host);
    expect(obstacle?.kind === 'rule' && formatPlace(obstacle.place)).toBe(
      'iptables table ip filter, chain LIBVIRT_FWI, rule -o nat0 -j REJECT --reject-with icmp-port-unreachable',
    );
  });
});
