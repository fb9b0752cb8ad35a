// reboot.js before FILE [iptables|nftables]: adds port forwards on the private host that this runs on, and packs into FILE what a reboot leaves.
// reboot.js after [hook]: on another one, whose kernel knows nothing, and which test/lab/enter has started with ENTER_FILES=FILE: starts what systemd
// would; with hook only libvirt. Prints one JSON object: which connections got through, without any command of kvmnet.
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { answersTo, choose, defineNetwork, kvmnet, makeOutside, report, run, serve, until } from './host.js';

const [when, ...words] = process.argv.slice(2);
const folders = ['etc/kvmnet', 'etc/libvirt', 'etc/sysctl.d', 'etc/systemd/system'];
const unit = '/etc/systemd/system/kvmnet-nat.service';
const results = {};

async function before() {
  const [file, backend = 'iptables'] = words;
  await choose(backend);
  defineNetwork();
  run('virsh -q net-autostart lab');
  await kvmnet('forward add 8080 192.168.77.10:80 --proto both');
  await kvmnet(['forward', 'add', '[fd09::1]:8080', '[fd00:77::10]:80']);
  run(['tar', '-C', '/', '-czf', file, ...folders]);
}

const tryAll = () =>
  answersTo([
    ['outside', 'tcp', '10.9.0.1', 8080],
    ['outside', 'udp', '10.9.0.1', 8080],
    ['outside', 'tcp', 'fd09::1', 8080],
    ['host', 'tcp', '127.0.0.1', 8080],
  ]);

async function after() {
  const isWhole = words[0] !== 'hook';
  results.wanted = readlinkSync('/etc/systemd/system/multi-user.target.wants/kvmnet-nat.service');
  const [, command] = /^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'));
  await until('the network to start', () => run('virsh -q net-list --name').stdout.includes('lab'));
  if (isWhole) run(command);
  makeOutside();
  await serve(10);
  results.booted = await tryAll();
  if (!isWhole) return;

  // What the hook has done is undone, to see what the unit does by itself.
  if (existsSync('/etc/kvmnet/nat.nft')) {
    for (const family of ['ip', 'ip6']) {
      run(`nft delete table ${family} kvmnet`);
      run(`nft flush chain ${family} libvirt_network kvmnet`);
    }
  } else {
    for (const program of ['iptables', 'ip6tables']) {
      run(`${program} -F KVMNET_FWD`);
      run(`${program} -t nat -F KVMNET_DNAT`);
    }
  }
  results.lost = await answersTo([['outside', 'tcp', '10.9.0.1', 8080]]);
  run(command);
  results.unit = await tryAll();
}

await report(results, when === 'before' ? before : after);
