import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { examineFlow, formatPlace, observePacketHost, parseIp, type FlowReport, type Packet } from 'kvmnet';
import * as fc from 'fast-check';
import { writeFile, appendFile } from 'node:fs/promises';
import { must, run, start, virsh, virshWith, type Running } from '../helpers/host.ts';
import { onPrivateHost } from '../helpers/private-host.ts';
import { waitFor } from '../helpers/wait.ts';

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

/** What becomes of a TCP connection; a packet that is dropped is never answered, so only a moment is waited for one. */
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

/** Compares what the rules say with what the packets do, flow by flow. */
async function expectAgreement(): Promise<readonly string[]> {
  const host = await observePacketHost(uri);
  const told = flows.map((flow) => {
    const { from, to, port } = flow;
    return {
      flow,
      name: `${from} ${to} ${String(port)}`,
      expected: prediction(examineFlow(packetOf(flow), host)),
    };
  });
  const seen = await Promise.all(
    told.map(async ({ flow, name, expected }) => `${name}: ${await tryFlow(flow, expected)}`),
  );
  const expected = told.map(({ name, expected }) => `${name}: ${expected}`);
  expect(seen).toEqual(expected);
  return expected;
}

/** What iptables-restore and nft load. */
interface Rules {
  readonly iptables?: string;
  readonly nft?: string;
}

async function load({ iptables, nft }: Rules): Promise<void> {
  await appendFile('/tmp/w/rules.log', '=====\n' + String(iptables) + '\n' + String(nft) + '\n');
  if (iptables !== undefined) {
    await writeFile('/run/rules', `${iptables}\n`);
    await must('iptables-restore', ['--noflush', '/run/rules']);
  }
  if (nft !== undefined) {
    await writeFile('/run/rules', nft);
    await must('nft', ['-f', '/run/rules']);
  }
}

/** Rules as administrators and programs write them, one host each. */
const rules: Readonly<Record<string, Rules>> = {
  'the rules of libvirt alone': {},
  'a policy that drops': { iptables: '*filter\n:FORWARD DROP\nCOMMIT' },
  'chains as those of docker': {
    iptables: `*filter
:FORWARD DROP
:DOCKER-USER -
:DOCKER-ISOLATION-STAGE-1 -
-I FORWARD 1 -j DOCKER-USER
-I FORWARD 2 -j DOCKER-ISOLATION-STAGE-1
-A DOCKER-USER -d 192.168.5.10/32 -p tcp -m multiport --dports 80,443 -j DROP
-A DOCKER-USER -j RETURN
-A DOCKER-ISOLATION-STAGE-1 -i nat0 ! -o eth0 -j REJECT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
COMMIT`,
  },
  'a port forward above the rules of libvirt': {
    iptables: `*nat
-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.132.10:80
COMMIT
*filter
-I FORWARD 1 -d 192.168.132.10/32 -p tcp -m conntrack --ctstate DNAT -j ACCEPT
COMMIT`,
  },
  'a port forward below the rules of libvirt': {
    iptables: `*nat
-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.132.10:80
COMMIT
*filter
-A FORWARD -d 192.168.132.10/32 -p tcp -j ACCEPT
COMMIT`,
  },
  'a second table': {
    nft: `table inet guard {
  set lan { type ipv4_addr; flags interval; elements = { 192.168.132.0/24, 203.0.113.0/24 } }
  chain forward { type filter hook forward priority 5; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    ip saddr @lan tcp dport { 80, 8000-8100 } accept
    iifname "eth*" ip6 daddr fd00:5::/64 tcp dport != 443 accept
    oifname vmap { "routed0" : jump inside, "nat0" : drop }
    meta l4proto tcp reject with tcp reset
  }
  chain inside { tcp dport 80 goto inner
    accept
  }
  chain inner { ip saddr 192.0.2.0/24 return
    drop
  }
  chain input { type filter hook input priority -1
    iifname "eth0" tcp dport 8080 reject
  }
}`,
  },
  'an accept in a table before the others': {
    nft: 'table ip first {\n chain forward {\n type filter hook forward priority -10\n accept\n }\n}',
  },
  'a redirect to the host': {
    nft: 'table ip turned {\n chain in {\n type nat hook prerouting priority -101\n iifname "eth0" tcp dport 80 redirect to :8080\n }\n}',
  },
};

const oneOf = fc.constantFrom;
/** A word of a rule, or none. */
const maybe = (words: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.option(words, { nil: '' });
const address = oneOf('192.0.2.0/24', '192.168.132.10', '192.168.5.0/24', '192.168.0.0/16', '0.0.0.0/0');
const device = oneOf('eth0', 'nat0', 'routed0');

const iptablesRule = fc
  .tuple(
    maybe(
      fc
        .tuple(oneOf('', '! '), oneOf('-i', '-o'), oneOf('eth0', 'nat0', 'routed0', 'eth+'))
        .map((words) => words.join(' ')),
    ),
    maybe(fc.tuple(oneOf('', '! '), oneOf('-s', '-d'), address).map((words) => words.join(' '))),
    maybe(
      oneOf(
        '-p tcp --dport 80',
        '-p tcp --dport 81:9000',
        '-p tcp -m multiport --dports 443,8080',
        '-p udp',
        '-p tcp --sport 80',
      ),
    ),
    maybe(
      oneOf(
        '-m conntrack --ctstate NEW',
        '-m conntrack --ctstate ESTABLISHED,RELATED',
        '-m addrtype --dst-type LOCAL',
        '-m addrtype ! --src-type LOCAL',
      ),
    ),
    oneOf('ACCEPT', 'DROP', 'REJECT', 'RETURN'),
  )
  .map(([interfaces, addresses, protocol, state, target]) => ({
    match: [interfaces, addresses, protocol, state].join(' '),
    target,
  }));

/** Two chains that FORWARD calls before those of libvirt; the first calls the second. */
const iptablesRules = fc
  .tuple(
    fc.array(iptablesRule, { minLength: 1, maxLength: 4 }),
    fc.array(iptablesRule, { minLength: 1, maxLength: 4 }),
    oneOf('-j', '-g'),
    oneOf('ACCEPT', 'DROP'),
  )
  .map(([first, second, call, policy]) =>
    [
      `*filter\n:FORWARD ${policy}\n:ONE -\n:TWO -\n-I FORWARD 1 -j ONE`,
      ...first.slice(1).map(({ match, target }) => `-A ONE ${match} -j ${target}`),
      `-A ONE ${first[0]?.match ?? ''} ${call} TWO`,
      ...second.map(({ match, target }) => `-A TWO ${match} -j ${target}`),
      'COMMIT',
    ].join('\n'),
  );

const nftRule = fc
  .tuple(
    maybe(
      fc
        .tuple(oneOf('iifname', 'oifname'), oneOf('', '!= '), device)
        .map(([key, not, name]) => `${key} ${not}"${name}"`),
    ),
    maybe(fc.tuple(oneOf('ip saddr', 'ip daddr'), oneOf('', '!= '), address).map((words) => words.join(' '))),
    maybe(
      oneOf(
        'tcp dport 80',
        'tcp dport { 80, 443 }',
        'tcp dport 81-9000',
        'meta l4proto udp',
        'meta nfproto ipv6',
        'th dport != 443',
      ),
    ),
    maybe(oneOf('ct state new', 'ct state { established, related }', 'fib daddr type local', 'ct status dnat')),
    oneOf('accept', 'drop', 'reject', 'return'),
  )
  .map((words) => words.join(' '));

const nftRules = fc
  .tuple(
    fc.array(nftRule, { minLength: 1, maxLength: 4 }),
    fc.array(nftRule, { minLength: 1, maxLength: 4 }),
    oneOf('jump', 'goto'),
    oneOf('accept', 'drop'),
  )
  .map(([first, second, call, policy]) =>
    [
      'table inet guard {',
      `chain two {\n${second.join('\n')}\n}`,
      `chain one {\ntype filter hook forward priority -5; policy ${policy};\n${first.join('\n')}\n${call} two\n}`,
      '}',
    ].join('\n'),
  );

const anyRules: fc.Arbitrary<Rules> = fc
  .tuple(fc.option(iptablesRules, { nil: undefined }), fc.option(nftRules, { nil: undefined }))
  .map(([iptables, nft]) => ({
    ...(iptables === undefined ? {} : { iptables }),
    ...(nft === undefined ? {} : { nft }),
  }));

onPrivateHost('who drops a packet', () => {
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
    for (const table of ['inet guard', 'ip first', 'ip turned'])
      await run('nft', ['delete', 'table', ...table.split(' ')]);
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

  it.each(Object.entries(rules))('is told as it happens: %s', async (_, loaded) => {
    await load(loaded);
    await expectAgreement();
  });

  it.each(fc.sample(anyRules, { numRuns: 10, seed: 7 }).map((loaded, index) => [index, loaded] as const))(
    'is told as it happens, with rules at random: %i',
    async (_, loaded) => {
      await load(loaded);
      await expectAgreement();
    },
  );

  it('names the rules that admit a flow, and with them it arrives', async () => {
    await load(rules['a second table'] ?? {});
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
