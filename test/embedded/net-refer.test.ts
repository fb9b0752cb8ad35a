import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'kvmnet';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet, type Outcome } from '../helpers/host.ts';

const nic = (last: number): string =>
  `<interface type='network'><mac address='52:54:00:00:00:0${String(last)}'/><source network='red'/></interface>`;
const domain = (nics: string, more = ''): string =>
  `<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>asleep</name><uuid>11111111-1111-4111-8111-111111111112</uuid><memory>1024</memory><os><type>hvm</type></os>
    <devices>${nics}</devices>${more}
  </domain>`;
const network = (name: string, third: number): string =>
  `<network><name>${name}</name><forward mode='nat'/><bridge name='${name}0'/>
     <ip address='192.168.${String(third)}.1' netmask='255.255.255.0'/></network>`;

/** A host of the test driver with a domain that is shut off, and has a snapshot and a saved memory. */
const host = `<node>${network('red', 201)}${network('blue', 202)}${domain(
  nic(1) + nic(2),
  `<test:runstate>5</test:runstate><test:hasmanagedsave/>
   <test:domainsnapshot><name>s1</name><state>shutoff</state><active>0</active><creationTime>1700000000</creationTime>${domain(nic(1))}</test:domainsnapshot>`,
)}</node>`;

const snapshot =
  'snapshot s1 of asleep has NIC 52:54:00:00:00:01 in network red: asleep will not start from it without that network (virsh snapshot-edit asleep s1 names another)';

describe('net rename, clone and delete where domains refer to networks', () => {
  let folder = '';
  let uri = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-embedded-`);
    await writeFile(`${folder}/host.xml`, host);
    uri = `test://${folder}/host.xml`;
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** Several commands on one host, which is gone with the process. */
  function script(...lines: readonly string[]): Promise<Outcome> {
    return kvmnet(['-c', uri, 'shell', '-e'], { stdin: `${lines.join('\n')}\n` });
  }

  it('reads the snapshots; the saved memory does not matter on a driver that cannot show it', async () => {
    const connection = await connect(uri);
    expect(await connection.call('listSaved')).toEqual([
      { domain: 'asleep', kind: 'snapshot', xml: expect.stringContaining("<source network='red'/>") },
    ]);
    await connection.close();
  });

  it('name all that needs a network before it is deleted', async () => {
    const { stderr, status } = await kvmnet(['-c', uri, 'net', 'delete', 'red']);
    expect(status).toBe(2);
    expect(stderr).toBe(
      [
        'error: delete network red needs your consent:',
        'asleep (shut off) will not start without network red: 52:54:00:00:00:01 is defined in it',
        'asleep (shut off) will not start without network red: 52:54:00:00:00:02 is defined in it',
        snapshot,
        'hint: repeat the command with --yes to accept; or kvmnet net delete red --move-to NETWORK moves the NICs first\n',
      ].join('\n'),
    );
  });

  it('rename a network with every NIC that names it', async () => {
    const { stdout, stderr, status } = await script(
      'net rename red green --yes',
      'domiflist --columns Source,MAC -o csv',
      'net list -o name',
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe(
      'renamed red to green\nSource,MAC\ngreen,52:54:00:00:00:01\ngreen,52:54:00:00:00:02\nblue\ngreen\n',
    );
  });

  it('ask before a snapshot is left with the old name', async () => {
    expect(await kvmnet(['-c', uri, 'net', 'rename', 'red', 'green'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(snapshot),
    });
  });

  it('move all NICs to another network first, and warn of the snapshot', async () => {
    const { stdout, stderr, status } = await script(
      'net delete red --move-to blue',
      'domiflist --columns Source,MAC -o csv',
      'net list -o name',
    );
    expect({ stderr, status }).toEqual({
      stderr: `line 1: net delete red --move-to blue\nwarning: ${snapshot}\n`,
      status: 0,
    });
    expect(stdout).toBe(
      [
        'deleted red',
        'asleep: NIC 52:54:00:00:00:01 is attached to blue',
        'asleep: NIC 52:54:00:00:00:02 is attached to blue',
        'Source,MAC',
        'blue,52:54:00:00:00:01',
        'blue,52:54:00:00:00:02',
        'blue\n',
      ].join('\n'),
    );
  });

  it('copy a network, which libvirt takes', async () => {
    const { stdout, stderr, status } = await script(
      'net clone red copy --no-autostart',
      'net list --columns Name,State,Autostart,Bridge,Subnet -o csv',
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain('\ncopy,active,no,virbr0,192.168.100.0/24\n');
  });

  it('show the XML of a copy with --dry-run, and change nothing', async () => {
    const { stdout, status } = await script('net clone red copy --nat 10.1.2.0/25 --dry-run', 'net list -o name');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^copy network red to copy, in 3 steps; nothing is done with --dry-run\n1\. define network copy\n/,
    );
    expect(stdout).toContain('<ip address="10.1.2.1" prefix="25"/>');
    expect(stdout).toMatch(/\nblue\nred\n$/);
  });
});
