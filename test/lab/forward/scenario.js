// scenario.js [iptables|nftables]: port forwards on the private host that this runs on, by that backend of libvirt, with real connections.
// Prints one JSON object: which connection got through after which event. The guests are network namespaces. It leaves the host as it is:
// a private host ends with it. test/lab/forward.test.ts runs it on several releases of libvirt.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [backend = 'iptables'] = process.argv.slice(2);
const results = { events: {} };
const children = [];

/** Runs a program, which has to succeed unless `may` is set. */
function run(line, { may = false, input } = {}) {
  const [program, ...args] = Array.isArray(line) ? line : line.split(' ');
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input });
  if (status !== 0 && !may) throw new Error(`${[program, ...args].join(' ')}: ${stdout}${stderr}`);
  return { status, stdout, stderr };
}

const kvmnet = (line, options) =>
  run(
    [process.execPath, here('../../../dist/bin/kvmnet.js'), ...(Array.isArray(line) ? line : line.split(' '))],
    options,
  );

async function until(what, look) {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = look();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`waited in vain for ${what}`);
}

const answers = () => run('virsh -q -c qemu:///system uri', { may: true }).status === 0;

async function restartDaemon() {
  run('pkill -x libvirtd', { may: true });
  await until('libvirtd to end', () => run('pgrep -x libvirtd', { may: true }).status !== 0);
  spawnSync('libvirtd', ['--daemon'], { stdio: 'ignore' });
  await until('libvirtd to answer', answers);
}

/** A namespace with a cable to the host; on a bridge it is a guest. */
function namespace(name, { bridge, addresses, gateways = [], host = [] }) {
  const end = `h-${name}`;
  run(`ip netns add ${name}`);
  run(`ip link add ${end} type veth peer name eth0 netns ${name}`);
  if (bridge) run(`ip link set ${end} master ${bridge}`);
  run(`ip link set ${end} up`);
  for (const address of host) run(`ip address add ${address} dev ${end}${address.includes(':') ? ' nodad' : ''}`);
  for (const link of ['lo', 'eth0']) run(`ip -n ${name} link set ${link} up`);
  for (const address of addresses)
    run(`ip -n ${name} address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`);
  for (const gateway of gateways) run(`ip -n ${name} route add default via ${gateway}`);
}

const inside = (name) => (name === 'host' ? [] : ['ip', 'netns', 'exec', name]);

/** Connections that are tried after each event: from where, how, and to which address and port of the host. */
const probes = [
  ['outside', 'tcp', '10.9.0.1', 8080],
  ['outside', 'udp', '10.9.0.1', 8080],
  ['outside', 'tcp', 'fd09::1', 8080],
  ['host', 'tcp', '10.9.0.1', 8080],
  ['host', 'tcp', '127.0.0.1', 8080],
  ['host', 'udp', '127.0.0.1', 8080],
  ['host', 'tcp', 'fd09::1', 8080],
  ['other', 'tcp', '10.9.0.1', 8080],
  ['other', 'tcp', 'fd09::1', 8080],
];

const inForce = () => JSON.parse(kvmnet('forward list --json').stdout).map((forward) => forward.inForce);

/** What each connection is answered: the address that the guest sees, or why there is none. */
const answersTo = (chosen) =>
  Object.fromEntries(
    chosen.map(([from, protocol, address, port]) => {
      const line = [...inside(from), process.execPath, here('client.js'), protocol, address, String(port)];
      return [`${from} ${protocol} ${address}`, run(line, { may: true }).stdout.trim()];
    }),
  );

function tryAll(event) {
  results.events[event] = { inForce: inForce(), ...answersTo(probes) };
}

/** The ports of namespaces are none that libvirt knows, and are lost with the bridge. */
const plugIn = () => ['web', 'other'].forEach((name) => run(`ip link set h-${name} master virbr7`));

async function arrange() {
  if (backend === 'nftables') {
    writeFileSync('/etc/libvirt/network.conf', 'firewall_backend = "nftables"\n');
    await restartDaemon();
  }
  writeFileSync(
    '/run/lab.xml',
    `<network><name>lab</name><forward mode='nat'><nat ipv6='yes'/></forward>
    <bridge name='virbr7' stp='off' delay='0'/><ip address='192.168.77.1' prefix='24'><dhcp>
    <range start='192.168.77.2' end='192.168.77.99'/></dhcp></ip><ip family='ipv6' address='fd00:77::1' prefix='64'/></network>`,
  );
  writeFileSync(
    '/run/vm1.xml',
    `<domain type='qemu'><name>VM1</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>
    <interface type='network'><source network='lab'/><mac address='52:54:00:00:00:01'/></interface></devices></domain>`,
  );
  for (const line of ['net-define /run/lab.xml', 'net-start lab', 'define /run/vm1.xml']) run(`virsh -q ${line}`);
  namespace('outside', { addresses: ['10.9.0.2/24', 'fd09::2/64'], host: ['10.9.0.1/24', 'fd09::1/64'] });
}

async function main() {
  await arrange();
  results.libvirt = /daemon: (.*)/.exec(run('virsh version --daemon').stdout)[1];
  results.tables = run('nft list tables').stdout.match(/libvirt_network/g)?.length ?? 0;
  results.foreign = { before: foreignRules() };
  kvmnet('forward add 8080 VM1:80 --proto both');
  const [{ target }] = JSON.parse(kvmnet('forward list --json').stdout);
  const last = target.address.split('.').at(-1);
  kvmnet(['forward', 'add', '[fd09::1]:8080', `[fd00:77::${last}]:80`]);
  const gateways = ['192.168.77.1', 'fd00:77::1'];
  namespace('web', { bridge: 'virbr7', addresses: [`${target.address}/24`, `fd00:77::${last}/64`], gateways });
  namespace('other', { bridge: 'virbr7', addresses: ['192.168.77.20/24', 'fd00:77::20/64'], gateways });
  const server = spawn('ip', ['netns', 'exec', 'web', process.execPath, here('server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(server);
  await new Promise((resolve) => server.stdout.once('data', resolve));
  tryAll('added');

  kvmnet('net restart lab --yes');
  plugIn();
  tryAll('net restart');
  // The hook directory is new: libvirt calls it after its next start.
  await restartDaemon();
  tryAll('libvirtd restarted');
  run('virsh -q net-destroy lab');
  run('virsh -q net-start lab');
  plugIn();
  tryAll('net-destroy, net-start');
  kvmnet('net heal lab');
  tryAll('net heal');

  if (backend === 'nftables') run('nft flush ruleset');
  else for (const line of ['iptables -F', 'iptables -t nat -F', 'ip6tables -F', 'ip6tables -t nat -F']) run(line);
  results.flushed = inForce();
  kvmnet('forward restore');
  tryAll('flushed, forward restore');

  // libvirt's own rules come back with the daemon, and with them what the forwards have to get past.
  await restartDaemon();
  kvmnet('forward restore');
  tryAll('libvirtd restarted again');
  kvmnet('forward remove --all');
  results.removed = answersTo(probes.filter(([from, protocol]) => from === 'outside' && protocol === 'tcp'));
  results.left = {
    reservations: run('virsh -q net-dumpxml lab').stdout.match(/<host mac.*/g) ?? [],
    files: run('find /etc/kvmnet /etc/libvirt/hooks /etc/systemd/system /etc/sysctl.d -type f', { may: true }).stdout,
    routeLocalnet: readFileSync('/proc/sys/net/ipv4/conf/virbr7/route_localnet', 'utf8').trim(),
  };
  results.foreign.after = foreignRules();
}

/** All rules and chains, without counters, and without what iptables makes where it looks: its own chains, which accept all. */
function foreignRules() {
  const text =
    backend === 'nftables'
      ? run('nft list ruleset').stdout
      : ['iptables', 'ip6tables']
          .flatMap((program) => run(`${program}-save`).stdout.split(/^(?=\*)/m))
          .flatMap((table) => table.split('\n').map((line) => `${table.split('\n')[0]} ${line}`))
          .filter((line) => / (-A|:\S+ (?!ACCEPT))/.test(line))
          .join('\n');
  return text.split('\n').map((line) => line.replace(/\[\d+:\d+\]|packets \d+ bytes \d+/g, '').trim());
}

try {
  await main();
} catch (error) {
  results.error = String(error?.stack ?? error);
} finally {
  children.forEach((child) => child.kill());
}
console.log(JSON.stringify(results));
