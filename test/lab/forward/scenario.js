// scenario.js [iptables|legacy|nftables]: port forwards on the private host that this runs on, by that backend of libvirt, with real connections.
// Prints one JSON object: which connection got through after which event. The guests are network namespaces. It leaves the host as it is:
// a private host ends with it. test/lab/forward.test.ts runs it on several releases of libvirt.
import { readFileSync, writeFileSync } from 'node:fs';
import {
  answersTo,
  choose,
  defineNetwork,
  foreignRules,
  kvmnet,
  makeGuest,
  makeOutside,
  report,
  restartDaemon,
  run,
  serve,
  until,
} from './host.js';

const [backend = 'iptables'] = process.argv.slice(2);
const results = { events: {} };

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

const listed = async () => JSON.parse(await kvmnet('forward list --json'));
const inForce = async () => (await listed()).map((forward) => forward.inForce);

async function tryAll(event) {
  results.events[event] = { inForce: await inForce(), ...(await answersTo(probes)) };
}

/** The ports of namespaces are none that libvirt knows, and are lost with the bridge. */
async function plugIn() {
  ['web', 'other'].forEach((name) => run(`ip link set h-${name} master virbr7`));
  // Until then the kernel takes another address of the host as its own.
  const isThere = () => run('ip -6 address show dev virbr7 -tentative').stdout.includes('fd00:77::1');
  await until("the bridge's address to be usable", isThere);
}

async function main() {
  await choose(backend);
  defineNetwork();
  writeFileSync(
    '/run/vm1.xml',
    `<domain type='qemu'><name>VM1</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>
    <interface type='network'><source network='lab'/><mac address='52:54:00:00:00:01'/></interface></devices></domain>`,
  );
  run('virsh -q define /run/vm1.xml');
  makeOutside();
  results.libvirt = /daemon: (.*)/.exec(run('virsh version --daemon').stdout)[1];
  results.variant = /\((.*)\)/.exec(run('iptables --version').stdout)[1];
  results.tables = run('nft list tables').stdout.match(/libvirt_network/g)?.length ?? 0;
  results.foreign = { before: foreignRules() };
  await kvmnet('forward add 8080 VM1:80 --proto both');
  const [{ target }] = await listed();
  const last = target.address.split('.').at(-1);
  await kvmnet(['forward', 'add', '[fd09::1]:8080', `[fd00:77::${last}]:80`]);
  await serve(last);
  makeGuest('other', 20);
  await tryAll('added');

  await kvmnet('net restart lab --yes');
  await plugIn();
  await tryAll('net restart');
  // The hook directory is new: libvirt calls it after its next start.
  await restartDaemon();
  await tryAll('libvirtd restarted');
  run('virsh -q net-destroy lab');
  run('virsh -q net-start lab');
  await plugIn();
  await tryAll('net-destroy, net-start');
  await kvmnet('net heal lab');
  await tryAll('net heal');

  if (backend === 'nftables') run('nft flush ruleset');
  else for (const line of ['iptables -F', 'iptables -t nat -F', 'ip6tables -F', 'ip6tables -t nat -F']) run(line);
  results.flushed = await inForce();
  await kvmnet('forward restore');
  await tryAll('flushed, forward restore');

  // libvirt's own rules come back with the daemon, and with them what the forwards have to get past.
  await restartDaemon();
  await kvmnet('forward restore');
  await tryAll('libvirtd restarted again');
  await kvmnet('forward remove --all');
  results.removed = await answersTo(probes.filter(([from, protocol]) => from === 'outside' && protocol === 'tcp'));
  results.left = {
    reservations: run('virsh -q net-dumpxml lab').stdout.match(/<host mac.*/g) ?? [],
    files: run('find /etc/kvmnet /etc/libvirt/hooks /etc/systemd/system /etc/sysctl.d ! -type d', { may: true }).stdout,
    routeLocalnet: readFileSync('/proc/sys/net/ipv4/conf/virbr7/route_localnet', 'utf8').trim(),
  };
  results.foreign.after = foreignRules();
}

await report(results, main);
