// scenario.js [iptables|nftables]: the matrix of networks of all modes, from the rules and by real packets, with that backend of libvirt.
// Prints one JSON object. It leaves the host as it is: a private host ends with it. test/lab/isolation-matrix.test.ts runs it on several
// releases of libvirt.
import { writeFileSync } from 'node:fs';
import { choose, kvmnet, makeOutside, report, run } from '../forward/host.js';

const [backend = 'iptables'] = process.argv.slice(2);
const results = {};

const modes = ['nat', 'nat', 'route', 'route', 'open', 'isolated', 'isolated', 'internal'];

function defineNetworks() {
  modes.forEach((mode, index) => {
    const forward = mode === 'isolated' || mode === 'internal' ? '' : `<forward mode='${mode}'/>`;
    const ip = mode === 'internal' ? '' : `<ip address='10.99.${index}.1' prefix='24'/>`;
    const bridge = `<bridge name='virbr${index + 20}' stp='off' delay='0'/>`;
    writeFileSync('/run/net.xml', `<network><name>${mode}${index}</name>${forward}${bridge}${ip}</network>`);
    run('virsh -q net-define /run/net.xml');
    run(`virsh -q net-start ${mode}${index}`);
  });
}

await report(results, async () => {
  await choose(backend);
  defineNetworks();
  makeOutside();
  results.libvirt = /daemon: (.*)/.exec(run('virsh version --daemon').stdout)[1];
  results.tables = run('nft list tables').stdout.match(/libvirt_network/g)?.length ?? 0;
  Object.assign(results, JSON.parse(await kvmnet('isolation --probe --json')));
  results.left = run('ip netns list').stdout.match(/kvmnet\S*/g) ?? [];
});
