// reboot.js before FILE [iptables|nftables]: adds port forwards on the private host that this runs on, and packs into FILE what a reboot leaves.
// reboot.js after FILE: unpacks it on another one, whose kernel knows nothing, and starts what systemd would. Prints one JSON object: which
// connections got through, without any command of kvmnet.
import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import {
  answersTo,
  choose,
  defineNetwork,
  kvmnet,
  makeOutside,
  report,
  run,
  serve,
  startDaemon,
  stopDaemon,
  until,
} from './host.js';

const [when, file, backend = 'iptables'] = process.argv.slice(2);
const folders = ['etc/kvmnet', 'etc/libvirt', 'etc/sysctl.d', 'etc/systemd/system'];
const unit = '/etc/systemd/system/kvmnet-nat.service';
const results = {};

async function before() {
  await choose(backend);
  defineNetwork();
  run('virsh -q net-autostart lab');
  kvmnet('forward add 8080 192.168.77.10:80 --proto both');
  kvmnet(['forward', 'add', '[fd09::1]:8080', '[fd00:77::10]:80']);
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
  await stopDaemon();
  // The daemon starts the networks once a boot, and remembers that here.
  rmSync('/run/libvirt/network', { recursive: true });
  run(['tar', '-C', '/', '-xzf', file]);
  results.wanted = readlinkSync('/etc/systemd/system/multi-user.target.wants/kvmnet-nat.service');
  const [, command] = /^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'));
  run(command);
  await startDaemon();
  await until('the network to start', () => run('virsh -q net-list --name').stdout.includes('lab'));
  makeOutside();
  await serve(10);
  results.booted = tryAll();

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
  results.lost = answersTo([['outside', 'tcp', '10.9.0.1', 8080]]);
  run(command);
  results.unit = tryAll();
}

await report(results, when === 'before' ? before : after);
