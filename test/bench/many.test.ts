import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet } from '../helpers/host.ts';

const count = <T>(number: number, make: (index: number) => T): T[] =>
  Array.from({ length: number }, (_, index) => make(index));

const network = (index: number): string => {
  const subnet = `10.${index >> 8}.${index & 255}`;
  return `<network><name>n${index}</name><forward mode='nat'/><bridge name='b${index}'/><ip address='${subnet}.1' netmask='255.255.255.0'>
    <dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip></network>`;
};

const domain = (index: number): string =>
  `<domain type='test'><name>vm${index}</name><memory>1024</memory><os><type>hvm</type></os><devices>${count(
    2,
    (nic) =>
      `<interface type='network'><mac address='52:54:00:00:${nic}0:${(index + 16).toString(16)}'/><source network='n${index}'/></interface>`,
  ).join('')}</devices></domain>`;

describe("a host of libvirt's test driver with 500 networks and 200 domains of two NICs each", () => {
  let folder: string;
  let uri: string;
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-bench-`);
    uri = `test://${folder}/host.xml`;
    await writeFile(`${folder}/host.xml`, `<node>${[...count(500, network), ...count(200, domain)].join('\n')}</node>`);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each([
    ['net list', 500],
    ['domiflist', 400],
  ])('lists all by %s: %d rows', async (command, rows) => {
    const started = performance.now();
    const { stdout, status } = await kvmnet(['-c', uri, '-o', 'json', ...command.split(' ')]);
    process.stdout.write(`${command}: ${rows} rows in ${(performance.now() - started).toFixed(0)} ms\n`);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(rows);
  });
});
