// What the scenarios of port forwards share: programs, the daemon, and namespaces that are guests and the outside.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const children = [];
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs a program, which has to succeed unless `may` is set. */
export function run(line, { may = false, input } = {}) {
  const [program, ...args] = Array.isArray(line) ? line : line.split(' ');
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input });
  if (status !== 0 && !may) throw new Error(`${[program, ...args].join(' ')}: ${stdout}${stderr}`);
  return { status, stdout, stderr };
}

/** Runs a command line in this process, where kvmnet is loaded once. It has to succeed. */
export async function kvmnet(line) {
  const args = Array.isArray(line) ? line : line.split(' ');
  const { status: code, stdout, stderr } = await status(args);
  if (code !== 0) throw new Error(`kvmnet ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The same, whatever its status is. */
export async function status(args) {
  const { runLine } = await import('../../helpers/resident/run-line.js');
  const { Session } = await import('../../../dist/cli/session.js');
  const session = new Session();
  const outcome = await runLine({ args }, session);
  await session.close();
  return outcome;
}

export async function until(what, look) {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = look();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`waited in vain for ${what}`);
}

export async function stopDaemon() {
  run('pkill -x libvirtd', { may: true });
  await until('libvirtd to end', () => run('pgrep -x libvirtd', { may: true }).status !== 0);
}

export async function startDaemon() {
  spawnSync('libvirtd', ['--daemon'], { stdio: 'ignore' });
  await until('libvirtd to answer', () => run('virsh -q -c qemu:///system uri', { may: true }).status === 0);
}

export async function restartDaemon() {
  await stopDaemon();
  await startDaemon();
}

/**
 * Chooses the backend of libvirt's rules. libvirt before 10.4 has no choice; `legacy` is iptables with tables that are not nftables', as
 * update-alternatives(1) chooses it.
 */
export async function choose(backend) {
  if (backend === 'legacy') chooseLegacy();
  if (backend !== 'nftables') return;
  writeFileSync('/etc/libvirt/network.conf', 'firewall_backend = "nftables"\n');
  await restartDaemon();
}

function chooseLegacy() {
  run('mkdir /run/alternatives');
  run('cp -a /etc/alternatives/. /run/alternatives');
  run('mount --bind /run/alternatives /etc/alternatives');
  for (const program of ['iptables', 'ip6tables'])
    for (const part of ['', '-save', '-restore'])
      run(`ln -sf /usr/sbin/${program}-legacy${part} /etc/alternatives/${program}${part}`);
}

export function defineNetwork() {
  writeFileSync(
    '/run/lab.xml',
    `<network><name>lab</name><forward mode='nat'><nat ipv6='yes'/></forward>
    <bridge name='virbr7' stp='off' delay='0'/><ip address='192.168.77.1' prefix='24'><dhcp>
    <range start='192.168.77.2' end='192.168.77.99'/></dhcp></ip><ip family='ipv6' address='fd00:77::1' prefix='64'/></network>`,
  );
  run('virsh -q net-define /run/lab.xml');
  run('virsh -q net-start lab');
}

/** A namespace with a cable to the host; on a bridge it is a guest. */
function namespace(name, { bridge, addresses, gateways = [], host = [] }) {
  const end = `h-${name}`;
  const add = (dev) => (address) => `address add ${address} dev ${dev}${address.includes(':') ? ' nodad' : ''}`;
  const batch = (lines, where = '') => run(`ip ${where} -batch -`.split(/ +/), { input: lines.join('\n') });
  batch([
    `netns add ${name}`,
    `link add ${end} type veth peer name eth0 netns ${name}`,
    ...(bridge ? [`link set ${end} master ${bridge}`] : []),
    `link set ${end} up`,
    ...host.map(add(end)),
  ]);
  const inner = ['link set lo up', 'link set eth0 up', ...addresses.map(add('eth0'))];
  batch([...inner, ...gateways.map((gateway) => `route replace default via ${gateway}`)], `-n ${name}`);
}

/** The host's own addresses outside are 10.9.0.1 and fd09::1. */
export const makeOutside = () =>
  namespace('outside', { addresses: ['10.9.0.2/24', 'fd09::2/64'], host: ['10.9.0.1/24', 'fd09::1/64'] });

export const makeGuest = (name, last) =>
  namespace(name, {
    bridge: 'virbr7',
    addresses: [`192.168.77.${last}/24`, `fd00:77::${last}/64`],
    gateways: ['192.168.77.1', 'fd00:77::1'],
  });

/** The guest `web` with its servers. */
export async function serve(last) {
  makeGuest('web', last);
  const server = spawn('ip', ['netns', 'exec', 'web', process.execPath, here('server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(server);
  await new Promise((resolve) => server.stdout.once('data', resolve));
}

const inside = (name) => (name === 'host' ? [] : ['ip', 'netns', 'exec', name]);

/** The clients that run already, by where they are. */
const clients = new Map();

function clientIn(from) {
  if (!clients.has(from)) {
    const [program, ...words] = [...inside(from), process.execPath, here('client.js')];
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    clients.set(from, { input: child.stdin, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() });
  }
  return clients.get(from);
}

/** What each connection is answered: the address that the guest sees, or why there is none. */
export async function answersTo(chosen) {
  const places = [...new Set(chosen.map(([from]) => from))];
  const answers = await Promise.all(
    places.map(async (from) => {
      const own = chosen.filter(([other]) => other === from);
      const { input, lines } = clientIn(from);
      input.write(`${own.flatMap(([, ...words]) => words).join(' ')}\n`);
      const { value } = await lines.next();
      const texts = value.split('\t');
      return own.map(([, protocol, address], index) => [`${from} ${protocol} ${address}`, texts[index]]);
    }),
  );
  return Object.fromEntries(answers.flat());
}

/**
 * All rules and chains of other programs, without counters, and without what iptables makes where it looks: its own chains, which accept all, and
 * the tables that nft shows of it.
 */
export function foreignRules() {
  const iptables = ['iptables-save', 'ip6tables-save']
    .flatMap((program) => run(program).stdout.split(/^(?=\*)/m))
    .flatMap((table) => table.split('\n').map((line) => `${table.split('\n')[0]} ${line}`))
    .filter((line) => / (-A|:\S+ (?!ACCEPT))/.test(line));
  const nft = run('nft list ruleset')
    .stdout.split(/^(?=table)/m)
    .filter((table) => !/^table ip6? (filter|nat|mangle|raw|security) /.test(table))
    .flatMap((table) => table.split('\n'));
  return [...iptables, ...nft].map((line) => line.replace(/\[\d+:\d+\]|packets \d+ bytes \d+/g, '').trim());
}

/** Prints what a scenario has found out, as JSON, and what ended it early. */
export async function report(results, scenario) {
  try {
    await scenario();
  } catch (error) {
    results.error = String(error?.stack ?? error);
  } finally {
    children.forEach((child) => child.kill());
  }
  console.log(JSON.stringify(results));
}
