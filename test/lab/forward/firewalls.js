// firewalls.js [iptables|nftables]: port forwards next to ufw, firewalld and docker's rules, one after the other, on the private host that this runs
// on, by that backend of libvirt. Needs a release (test/lab/release) with ufw, firewalld and dbus-daemon. Prints one JSON object: which connection got
// through after which event, and what kvmnet printed. test/lab/forward-firewalls.test.ts runs it.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  answersTo,
  choose,
  defineNetwork,
  foreignRules,
  makeGuest,
  makeOutside,
  report,
  restartDaemon,
  run,
  serve,
  status,
  until,
} from './host.js';

const [backend = 'iptables'] = process.argv.slice(2);
const results = { events: {}, printed: {}, foreign: {}, admitted: {}, found: {} };

const ipv4 = ['forward', 'add', '8080', '192.168.77.10:80'];
const ipv6 = ['forward', 'add', '[fd09::1]:8080', '[fd00:77::10]:80'];
const probes = [
  ['outside', 'tcp', '10.9.0.1', 8080],
  ['outside', 'tcp', 'fd09::1', 8080],
  ['host', 'tcp', '127.0.0.1', 8080],
  ['other', 'tcp', '10.9.0.1', 8080],
];

async function tryAll(event) {
  results.events[event] = await answersTo(probes);
}

/** Adds both forwards, and keeps what that printed; returns the commands of other programs that were suggested. */
async function add(event, ...more) {
  const outcomes = [await status([...ipv4, ...more]), await status([...ipv6, ...more])];
  results.printed[event] = outcomes.map(({ status, stderr }) => ({ status, stderr: withoutHook(stderr) }));
  return outcomes.flatMap(
    ({ stderr }) => /(?:by hand|after|them through): ((?:ufw|firewall-cmd) [^\n]*)/.exec(stderr)?.[1] ?? [],
  );
}

/** Notes the findings of doctor. */
async function examine(name) {
  const { findings } = JSON.parse((await status(['doctor', '--json'])).stdout);
  results.found[name] = findings.map(({ code, message }) => `${code}: ${message}`);
}

/** libvirt's hook directory is new here. */
const withoutHook = (text) => text.replace(/^warning: libvirt runs the hook .*\n/m, '').trim();

const shell = (line) => run(['sh', '-ec', line]);
const removeAll = () => status(['forward', 'remove', '--all']);

/** kvmnet's rules among the rules of other programs. */
const admitted = () =>
  ['iptables -S', 'ip6tables -S'].flatMap((line) => run(line).stdout.match(/^.*kvmnet:.*$/gm) ?? []);

async function compared(name, scenario) {
  const before = foreignRules();
  await scenario();
  await removeAll();
  results.foreign[name] = { before, after: foreignRules() };
}

async function ufw() {
  // A second start adds a rule that the first one does not have.
  for (const line of ['ufw --force enable', 'ufw disable', 'ufw --force enable']) run(line);
  await compared('ufw', async () => {
    const commands = await add('ufw');
    await tryAll('ufw');
    for (const command of commands) shell(command);
    if (commands.length > 0) {
      run('ufw reload');
      await tryAll("ufw's own rules");
      for (const command of commands) shell(command.replaceAll('route allow', 'route delete allow'));
    }
    await add('ufw --fix', '--fix');
    await tryAll('ufw --fix');
    await examine('ufw');
    results.admitted.ufw = admitted();
    run('ufw reload');
    await tryAll('ufw reload');
    run('ufw disable');
    run('ufw --force enable');
    await tryAll('ufw disable, ufw enable');
  });
  run('ufw disable');
}

async function firewalld() {
  run('mkdir -p /run/dbus');
  run('dbus-daemon --system --fork --nopidfile');
  const start = async () => {
    const program = spawn('firewalld', ['--nofork', '--nopid'], { stdio: 'ignore' });
    await until('firewalld to run', () => run('firewall-cmd --state', { may: true }).status === 0);
    return program;
  };
  const stop = async (program) => {
    const ended = new Promise((resolve) => program.once('exit', resolve));
    program.kill();
    await ended;
  };
  let program = await start();
  // libvirt tells firewalld of its bridges.
  await restartDaemon();
  results.zone = run('firewall-cmd --get-zone-of-interface=virbr7', { may: true }).stdout.trim();
  await compared('firewalld', async () => {
    await add('firewalld');
    await tryAll('firewalld');
    await examine('firewalld');
    run('firewall-cmd --reload');
    await tryAll('firewall-cmd --reload');
    run('firewall-cmd --complete-reload');
    await tryAll('firewall-cmd --complete-reload');
    await stop(program);
    program = await start();
    await tryAll('firewalld restarted');
    run('firewall-cmd --add-forward-port=port=9000:proto=tcp:toport=80:toaddr=192.168.77.20');
    results.printed['a port of firewalld'] = await status(['forward', 'add', '9000', '192.168.77.10:80']);
    strict('yes');
    await tryAll('StrictForwardPorts');
    await add('StrictForwardPorts');
    const commands = await add('StrictForwardPorts --fix', '--fix');
    for (const command of commands) shell(command.split('; then')[0]);
    await tryAll("firewalld's own rules");
    await add('StrictForwardPorts again', '--fix');
    for (const command of commands) shell(command.split('; then')[0].replace('--add-', '--remove-'));
    strict('no');
  });
  await stop(program);
}

function strict(value) {
  const path = '/etc/firewalld/firewalld.conf';
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^StrictForwardPorts=.*/m, `StrictForwardPorts=${value}`));
  run('firewall-cmd --reload');
}

/**
 * The rules of docker 29 with a container that publishes port 9000, and the policy that it sets where it enables forwarding.
 * Source: moby, integration/network/bridge/iptablesdoc/generated/usernet-portmap.md
 */
const dockerRules = `*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-BRIDGE - [0:0]
:DOCKER-CT - [0:0]
:DOCKER-FORWARD - [0:0]
:DOCKER-INTERNAL - [0:0]
:DOCKER-USER - [0:0]
-I FORWARD -j DOCKER-FORWARD
-I FORWARD -j DOCKER-USER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -j DOCKER-CT
-A DOCKER-FORWARD -j DOCKER-INTERNAL
-A DOCKER-FORWARD -j DOCKER-BRIDGE
-A DOCKER-FORWARD -i docker0 -j ACCEPT
COMMIT
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 9000 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*raw
-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP
COMMIT
`;

/** The part of its nftables backend that publishes port 9001. Source: moby, integration/network/bridge/nftablesdoc/generated/usernet-portmap.md */
const dockerTable = `table ip docker-bridges {
  chain nat-PREROUTING {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump nat-prerouting-and-output
  }
  chain nat-prerouting-and-output {
    iifname != "docker0" tcp dport 9001 counter dnat to 172.17.0.3:80 comment "DNAT"
  }
}
`;

async function docker() {
  run('iptables-restore --noflush', { input: dockerRules });
  run('nft -f -', { input: dockerTable });
  await compared('docker', async () => {
    for (const port of ['9000', '9001'])
      results.printed[`port ${port} of docker`] = await status(['forward', 'add', port, '192.168.77.10:80']);
    await add('docker');
    await add('docker --fix', '--fix');
    await tryAll('docker --fix');
    results.admitted.docker = admitted();
    // A start of dockerd moves its calls to the beginning of FORWARD.
    for (const chain of ['DOCKER-FORWARD', 'DOCKER-USER']) {
      run(`iptables -D FORWARD -j ${chain}`);
      run(`iptables -I FORWARD -j ${chain}`);
    }
    await tryAll('dockerd restarted');
  });
}

await report(results, async () => {
  await choose(backend);
  defineNetwork();
  makeOutside();
  await serve(10);
  makeGuest('other', 20);
  for (const firewall of [ufw, firewalld, docker]) await firewall();
});
