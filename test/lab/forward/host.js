// What the scenarios of port forwards share: programs, the daemon, and namespaces that are guests and the outside.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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

export const kvmnet = (line, options) =>
  run(
    [process.execPath, here('../../../dist/bin/kvmnet.js'), ...(Array.isArray(line) ? line : line.split(' '))],
    options,
  );

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

/** The backend of libvirt's rules. Those before 10.4 have no choice. */
export async function choose(backend) {
  if (backend !== 'nftables') return;
  writeFileSync('/etc/libvirt/network.conf', 'firewall_backend = "nftables"\n');
  await restartDaemon();
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
  run(`ip netns add ${name}`);
  run(`ip link add ${end} type veth peer name eth0 netns ${name}`);
  if (bridge) run(`ip link set ${end} master ${bridge}`);
  run(`ip link set ${end} up`);
  for (const address of host) run(`ip address add ${address} dev ${end}${address.includes(':') ? ' nodad' : ''}`);
  for (const link of ['lo', 'eth0']) run(`ip -n ${name} link set ${link} up`);
  for (const address of addresses)
    run(`ip -n ${name} address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`);
  for (const gateway of gateways) run(`ip -n ${name} route replace default via ${gateway}`);
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

/** What each connection is answered: the address that the guest sees, or why there is none. */
export const answersTo = (chosen) =>
  Object.fromEntries(
    chosen.map(([from, protocol, address, port]) => {
      const line = [...inside(from), process.execPath, here('client.js'), protocol, address, String(port)];
      return [`${from} ${protocol} ${address}`, run(line, { may: true }).stdout.trim()];
    }),
  );

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
