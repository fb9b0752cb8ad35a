// How long commands take to start, as multiples of `node -e 0`, on a private host with five networks: run it by test/lab/enter. The
// commands take turns, so that a busy moment meets all of them; printed is the median of each, in milliseconds, as JSON.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const kvmnet = root + JSON.parse(readFileSync(`${root}package.json`, 'utf8')).bin.kvmnet;
const rounds = 31;
const commands = {
  node: ['-e', '0'],
  help: [kvmnet, '--help'],
  list: [kvmnet, 'net', 'list'],
  domiflist: [kvmnet, 'domiflist'],
};

for (let number = 1; number <= 5; number += 1) {
  writeFileSync(
    '/run/bench.xml',
    `<network><name>bench${number}</name><forward mode='nat'/><bridge name='bench${number}' stp='off' delay='0'/>
       <ip address='192.168.${number}.1' netmask='255.255.255.0'><dhcp><range start='192.168.${number}.2' end='192.168.${number}.254'/></dhcp></ip>
     </network>`,
  );
  execFileSync('virsh', ['-q', '-c', 'qemu:///system', `net-define /run/bench.xml; net-start bench${number}`]);
}

const { KVMNET_URI, LIBVIRT_DEFAULT_URI, NODE_OPTIONS, ...env } = process.env;
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(commands)) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 20_000 });
    times[name].push(performance.now() - start);
    if (status !== 0) throw new Error(`${args.join(' ')} ended with status ${status}: ${stderr}`);
  }
}
const median = (values) => values.sort((left, right) => left - right)[values.length >> 1];
process.stdout.write(
  JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))),
);
