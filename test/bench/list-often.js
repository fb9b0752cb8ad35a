// Lists through one connection 10,000 times, and prints by how much the process grew after the first 500, in MiB.
import { connect } from '../../dist/index.js';

const connection = await connect('test:///default');

async function list(count) {
  for (let index = 0; index < count; index += 1) {
    await connection.call('listNetworks', { leases: true });
    await connection.call('listDomains');
  }
}

function resident() {
  globalThis.gc();
  return process.memoryUsage.rss() / 2 ** 20;
}

await list(500);
const before = resident();
await list(10_000);
process.stdout.write(`${resident() - before}\n`);
await connection.close();
