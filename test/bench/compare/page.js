// Writes docs/benchmarks.md from what compare.test.ts has measured.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { about, cases } = JSON.parse(readFileSync(`${root}node_modules/.cache/kvmnet-bench.json`, 'utf8'));

const ratio = ({ name, ratio: value }) => {
  if (name === 'kvmnet') return '';
  return value > 1 ? `${value.toFixed(2)}, slower` : value.toFixed(2);
};
const row = ({ name, results }) =>
  results
    .map(
      (each, index) =>
        `| ${index === 0 ? name : ''} | ${each.name} | ${each.wall.toFixed(0)} | ${each.cpu.toFixed(0)} | ${each.memory.toFixed(0)} | ${ratio(each)} |`,
    )
    .join('\n');

const page = `# Benchmarks

How long kvmnet takes, and what a user would use instead. \`npm run bench\` measures it and writes this page: each case runs its commands in turn, A B A B,
on one private host. The times are medians in milliseconds, of the clock and of the processor (the processes of the command, not
libvirt's daemon); memory is the peak in MiB. The last column is kvmnet's time divided by this command's, the median of the pairs: below 1 kvmnet is
faster. "kvmnet" is the one-file executable, except in "10,000 domains", which is the library on Node.js.

${about.date}, ${about.machine}, Node.js ${about.node}, libvirt ${about.libvirt}:

| case | command | ms | processor ms | MiB | kvmnet / this |
| --- | --- | ---: | ---: | ---: | ---: |
${cases.map(row).join('\n')}

kvmnet does more than the commands that it is compared with: \`net list\` and \`net show\` look at bridges, processes and firewall rules, and changes are
checked before and read back after. "for the same facts" are the commands that show what kvmnet shows.

Other cases of \`npm run bench\`: [forwards](forwards.md) against a loop of iptables, VLANs, [topology](topology.md) and [paths](path.md) of 100 networks with 100 guests each, and memory over
10,000 calls.
`;
const file = `${root}docs/benchmarks.md`;
writeFileSync(file, await prettier.format(page, { ...(await prettier.resolveConfig(file)), parser: 'markdown' }));
