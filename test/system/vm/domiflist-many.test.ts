import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { commandText, kvmnet, must, virsh } from '../../helpers/host.ts';
import { kvmnetJson } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const folder = '/run/kvmnet-test/many';
const names = Array.from({ length: 200 }, (_, index) => `vm${String(index).padStart(3, '0')}`);

const mac = (index: number, nic: number): string =>
  `52:54:00:0f:${[index, nic].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

/** Shut off, with two NICs. */
function domain(name: string, index: number): string {
  const nics = ['br0', 'br1'].map(
    (bridge, nic) =>
      `<interface type='bridge'><mac address='${mac(index, nic)}'/><source bridge='${bridge}'/><model type='virtio'/></interface>`,
  );
  return `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><devices>${nics.join('')}</devices></domain>`;
}

onPrivateHost('200 VMs', () => {
  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await mkdir(folder, { recursive: true });
    for (const [index, name] of names.entries()) await writeFile(`${folder}/${name}.xml`, domain(name, index));
    await virsh(names.map((name) => `define ${folder}/${name}.xml`).join('; '));
  });

  afterAll(async () => {
    await virsh(names.map((name) => `undefine ${name}`).join('; '));
    await rm(folder, { recursive: true });
    await must('ip', ['link', 'delete', 'dev', 'br0']);
  });

  it('are listed by domiflist with all of their NICs, in one connection', async () => {
    const { stdout, stderr, status } = await kvmnet(['domiflist', '--verbose']);
    expect(status).toBe(0);
    expect(stderr.match(/^virConnectOpen\w* /gm)).toEqual(['virConnectOpenReadOnly ']);
    const [heading, ...rows] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^Domain +Interface +Type +Source +Bridge +Model +MAC +Link +IP$/);
    expect(rows).toHaveLength(400);
    expect(rows[399]).toMatch(new RegExp(`^vm199 +- +bridge +br1 +br1 +virtio +${mac(199, 1)} +up +-$`));
  });

  it('are a document that jq reads', async () => {
    const command = `${commandText} domiflist --json | jq -r '.[] | select(.source == "br1") | .mac'`;
    const macs = (await must('bash', ['-o', 'pipefail', '-c', command])).trimEnd().split('\n');
    expect(macs).toEqual(names.map((_, index) => mac(index, 1)));
  });

  it('are a table for a spreadsheet, with the columns that were asked for', async () => {
    const { stdout } = await kvmnet(['domiflist', '-o', 'csv', '--columns', 'MAC,Domain,Problem']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(['MAC,Domain,Problem', `${mac(0, 0)},vm000,`]);
    expect(lines).toHaveLength(401);
  });

  it('can be asked for by name, several at once', async () => {
    const rows = await kvmnetJson(['domiflist', 'vm007', 'vm003']);
    expect(rows.map((row: { domain: string; mac: string }) => [row.domain, row.mac])).toEqual([
      ['vm007', mac(7, 0)],
      ['vm007', mac(7, 1)],
      ['vm003', mac(3, 0)],
      ['vm003', mac(3, 1)],
    ]);
  });

  it('are all looked at when a MAC is chosen', async () => {
    const { stderr, status } = await kvmnet(['vm', 'attach', 'vm000', 'br0', '--mac', mac(150, 1), '--dry-run']);
    expect(status).toBe(2);
    expect(stderr).toMatch(`--mac ${mac(150, 1)} is taken by NIC 1 of vm150`);
  });
});
