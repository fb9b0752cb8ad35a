import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet } from '../helpers/host.ts';

const domain = (_: unknown, index: number): string => `<domain type='test'>
  <name>vm${index}</name><memory>1024</memory><os><type>hvm</type></os>
  <devices><interface type='network'><mac address='52:54:00:00:00:${(16 + index).toString(16)}'/><source network='n'/></interface></devices>
</domain>`;

/** Calls that no daemon answers: calls about the handle itself, and calls that happen once in a process. */
const isLocal = /^vir(?:DomainGet(?:Name|ID|UUIDString)|\w+Free|GetVersion|Initialize|SetErrorFunc)$/;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
  for (const count of [2, 40]) {
    const domains = Array.from({ length: count }, domain).join('');
    await writeFile(
      `${folder}/${count}.xml`,
      `<node><network><name>n</name><bridge name='n0'/><ip address='192.168.140.1' netmask='255.255.255.0'/></network>${domains}</node>`,
    );
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** The C functions that a command line calls on a host with `count` domains, in alphabetical order. */
async function calls(count: number, line: string): Promise<readonly string[]> {
  const { stderr, status } = await kvmnet(['-v', '-c', `test://${folder}/${count}.xml`, ...line.split(' ')]);
  if (status !== 0) throw new Error(stderr);
  const names = stderr.split('\n').flatMap((text) => /^(vir\w+) {2}[\d.]+ ms$/.exec(text)?.[1] ?? []);
  expect(names.filter((name) => name.startsWith('virConnectOpen'))).not.toEqual([]);
  return names.filter((name) => !isLocal.test(name)).sort();
}

describe('the calls of libvirt', () => {
  it.each([
    'vm list',
    'vm list -o name',
    'vm nics vm1',
    'vm show vm1',
    'vm ip vm1',
    'vm stats vm1',
    'vm xml vm1',
    'vm link vm1 0 down --config',
    'vm rate vm1 0 --in 10mbit --config',
    'vm detach vm1 0 --config',
    'vm move vm1 0 n --config',
    'vm suspend vm1',
    'vm autostart vm1',
    'domiflist vm1',
    'domiflist vm1 --json',
    'net list',
    'virsh list --all',
  ])('of %s are as many with 40 domains as with 2', async (line) => {
    expect(await calls(40, line)).toEqual(await calls(2, line));
  });

  it('of vm attach are one more for each other domain, whose text is searched for the MAC address', async () => {
    const few = await calls(2, 'vm attach vm1 n --config');
    const many = await calls(40, 'vm attach vm1 n --config');
    const searches = (names: readonly string[]): number =>
      names.filter((name) => name === 'virDomainGetXMLDesc').length;
    expect(many.length - few.length).toBe(searches(many) - searches(few));
    expect(searches(many) - searches(few)).toBeLessThanOrEqual(2 * 38);
  });
});
