// Measures the cases of cases.js on this private host: run it by test/lab/enter. Prints JSON: for each case and command the medians of time
// and memory, and of the ratios to the first command's time, pair by pair.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cases, executable } from './cases.js';

for (const name of ['KVMNET_URI', 'LIBVIRT_DEFAULT_URI', 'NODE_OPTIONS']) delete process.env[name];
process.env.ANSIBLE_LOCALHOST_WARNING = 'false';
process.env.ANSIBLE_PYTHON_INTERPRETER = '/usr/bin/python3';
process.env.ANSIBLE_COLLECTIONS_PATH = `${process.env.XDG_CACHE_HOME ?? `${process.env.HOME}/.cache`}/kvmnet-lab/ansible`;
if (!existsSync(executable)) throw new Error(`${executable} is missing: npm run build:binary`);

const sh = (script) => execFileSync('sh', ['-ec', script], { stdio: ['ignore', 'ignore', 'inherit'] });

const network = (name, subnet) =>
  `<network><name>${name}</name><forward mode='nat'/><bridge name='${name}' stp='off' delay='0'/>
     <ip address='${subnet}.1' netmask='255.255.255.0'><dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip></network>`;

let networks = 0;
function haveNetworks(count) {
  while (networks < count) {
    networks += 1;
    writeFileSync('/run/network.xml', network(`bench${networks}`, `192.168.${networks}`));
    sh(`virsh -q 'net-define /run/network.xml; net-start bench${networks}'`);
  }
}

const hex = (number) => number.toString(16).padStart(2, '0');
const domain = (number, nics) => `<domain type='qemu'><name>vm${number}</name><memory unit='MiB'>64</memory>
  <uuid>6f1d5a4e-0000-4000-8000-${String(number).padStart(12, '0')}</uuid>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
  ${Array.from(
    { length: nics },
    (_, index) =>
      `<interface type='network'><mac address='52:54:00:${hex(number >> 8)}:${hex(number & 255)}:${hex(index)}'/><source network='bench1'/><model type='virtio'/></interface>`,
  ).join('')}</devices></domain>`;

let domains = { count: 0, nics: 1 };
function haveDomains(count, nics) {
  const first = nics === domains.nics ? domains.count + 1 : 1;
  mkdirSync('/run/domains', { recursive: true });
  const lines = [];
  for (let number = first; number <= count; number += 1) {
    writeFileSync(`/run/domains/${number}.xml`, domain(number, nics));
    lines.push(`define /run/domains/${number}.xml`);
  }
  if (lines.length > 0) {
    const { status, stderr } = spawnSync('virsh', ['-q'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
  domains = { count, nics };
}

/** What administrators did before libvirt, and how they undid it. */
function byHand() {
  writeFileSync(
    '/run/by-hand',
    `ip link add benchnet type bridge; ip address add 192.168.99.1/24 dev benchnet; ip link set benchnet up; sysctl -qw net.ipv4.ip_forward=1
     iptables -t nat -A POSTROUTING -s 192.168.99.0/24 ! -d 192.168.99.0/24 -j MASQUERADE
     iptables -A FORWARD -i benchnet -j ACCEPT; iptables -A FORWARD -o benchnet -d 192.168.99.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
     dnsmasq --conf-file=/dev/null --interface=benchnet --except-interface=lo --bind-dynamic --dhcp-range=192.168.99.2,192.168.99.254 --pid-file=/run/by-hand.pid
    `,
  );
  writeFileSync(
    '/run/by-hand-gone',
    `kill $(cat /run/by-hand.pid); while kill -0 $(cat /run/by-hand.pid) 2>/dev/null; do sleep 0.05; done
     iptables -t nat -F POSTROUTING; iptables -F FORWARD; ip link delete benchnet
    `,
  );
}

/** A server that this host reaches itself by. */
function haveSsh() {
  mkdirSync('/run/ssh', { recursive: true });
  mkdirSync('/run/sshd', { recursive: true });
  sh(`for key in key host; do ssh-keygen -q -t ed25519 -N '' -f /run/ssh/$key; done
    printf 'Host *\\n  StrictHostKeyChecking no\\n  UserKnownHostsFile /run/ssh/known\\n  LogLevel ERROR\\n' >/run/ssh/config
    mount --bind /run/ssh/config /etc/ssh/ssh_config`);
  const options = [
    'Port=2022',
    'ListenAddress=127.0.0.1',
    'HostKey=/run/ssh/host',
    'AuthorizedKeysFile=/run/ssh/key.pub',
  ];
  // Without the machine's ~/.bashrc, which bash reads for each program that ssh starts.
  const rest = ['StrictModes=no', 'UsePAM=no', 'PermitRootLogin=yes', 'PidFile=none', 'SetEnv=HOME=/run/ssh'];
  const args = [...options, ...rest].flatMap((option) => ['-o', option]);
  const server = spawn('/usr/sbin/sshd', ['-D', '-f', '/dev/null', ...args], { stdio: 'ignore' });
  sh(`for try in $(seq 600); do ss -Hltn sport = :2022 | grep -q . && exit; sleep 0.1; done; exit 1`);
  return server;
}

const median = (values) => [...values].sort((left, right) => left - right)[values.length >> 1];

function measured({ rounds = 15, commands, ...row }) {
  const { status, stdout, stderr } = spawnSync(
    '/usr/bin/python3',
    [fileURLToPath(new URL('measure.py', import.meta.url))],
    { input: JSON.stringify({ rounds, commands }), encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${row.name}: ${stderr}`);
  const runs = JSON.parse(stdout);
  const [first] = Object.values(runs);
  const results = Object.entries(runs).map(([name, each]) => ({
    name,
    wall: median(each.map(({ wall }) => wall)),
    cpu: median(each.map(({ cpu }) => cpu)),
    memory: median(each.map(({ memory }) => memory)),
    ratio: median(each.map(({ wall }, index) => first[index].wall / wall)),
    cpuRatio: median(each.map(({ cpu }, index) => first[index].cpu / cpu)),
  }));
  return { ...row, rounds, results };
}

byHand();
writeFileSync('/run/benchnet.xml', network('benchnet', '192.168.99'));
writeFileSync('/run/vm1.xml', domain(1, 2));
writeFileSync(
  '/run/nic.xml',
  "<interface type='network'><mac address='52:54:00:be:ef:01'/><source network='bench1'/><model type='virtio'/></interface>",
);
const server = haveSsh();
const done = cases.map(({ host, nics = 1, networks: wanted = 5, ...row }) => {
  haveNetworks(wanted);
  haveDomains(host, nics);
  const result = measured(row);
  const texts = result.results.map(
    ({ name, wall, cpu, memory, ratio }) =>
      `${name} ${wall.toFixed(0)} ms (${cpu.toFixed(0)} cpu, ${memory.toFixed(0)} MiB, ${ratio.toFixed(2)})`,
  );
  process.stderr.write(`${row.name}: ${texts.join(', ')}\n`);
  return result;
});
server.kill();
process.stdout.write(JSON.stringify(done));
