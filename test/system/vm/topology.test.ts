import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { removeNetworks } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { kvmnetJson, nicIn, nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const network = `<network><name>drawn</name><forward mode='nat'/><bridge name='drawn0' stp='off' delay='0'/>
  <ip address='192.168.79.1' prefix='24'/></network>`;

onPrivateHost('topology', () => {
  let guest: Guest;
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-topology-`);
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'drawn');
    guest = await makeGuestWithoutSystem('VM1', { nics: [nicIn('drawn', '52:54:00:00:79:01')] });
    await must('ip', ['link', 'add', 'name', 'eno1', 'type', 'veth', 'peer', 'name', 'eno1-wire']);
    for (const end of ['eno1', 'eno1-wire']) await must('ip', ['link', 'set', 'dev', end, 'up']);
    await must('ip', ['route', 'add', 'default', 'dev', 'eno1']);
  });

  afterAll(async () => {
    await guest.remove();
    await removeNetworks();
    await must('ip', ['link', 'delete', 'dev', 'eno1']);
    await rm(folder, { recursive: true });
  });

  it('draws a guest above its network, and that above the NIC by which its packets leave', async () => {
    const { stdout, status } = await kvmnet(['topology']);
    expect(status).toBe(0);
    const places = ['│ VM1', 'vnet', '│ drawn', '192.168.79.1/24', 'NAT', '│ eno1'].map((text) => stdout.indexOf(text));
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).not.toContain('!');
  });

  it('is a graph for programs, and a picture for a file', async () => {
    const { stdout } = await kvmnet(['topology', '--json']);
    const { edges } = JSON.parse(stdout) as { readonly edges: readonly Readonly<Record<string, string>>[] };
    expect(edges.map(({ from, to, kind, status }) => `${from} ${to} ${kind} ${status}`)).toEqual([
      'nic:eno1 network:drawn routed up',
      'network:drawn vm:VM1 link up',
    ]);
    for (const [name, begin] of [
      ['a.html', '<!doctype html>'],
      ['a.svg', '<svg '],
      ['a.dot', 'digraph '],
      ['a.mmd', 'flowchart '],
      ['a.txt', '┌'],
    ] as const) {
      expect(await kvmnet(['topology', `${folder}/${name}`])).toMatchObject({ status: 0, stderr: '' });
      expect((await readFile(`${folder}/${name}`, 'utf8')).trimStart().startsWith(begin)).toBe(true);
    }
    const typed = await kvmnet(['topology', '-o', 'svg', `${folder}/a.picture`]);
    expect(typed).toMatchObject({ status: 0, stdout: `written to ${folder}/a.picture\n` });
    expect((await kvmnet(['topology', '-o', 'svg'])).stdout).toBe(await readFile(`${folder}/a.svg`, 'utf8'));
  });

  it('refuses a file whose ending is of no format, and pictures of other commands', async () => {
    const unknown = await kvmnet(['topology', `${folder}/a.png`]);
    expect(unknown).toMatchObject({ status: 2, stdout: '' });
    expect(unknown.stderr).toContain('is of no format');
    const other = await kvmnet(['net', 'list', '-o', 'svg']);
    expect(other).toMatchObject({ status: 2, stdout: '' });
    expect(other.stderr).toContain('kvmnet topology -o svg');
  });

  it('marks a guest that has lost its bridge', async () => {
    const tap = (await nicsOf('VM1'))[0]?.tap ?? '';
    await must('ip', ['link', 'set', 'dev', tap, 'nomaster']);
    expect((await kvmnet(['topology'])).stdout).toContain('! lost its bridge drawn0');
    await must('ip', ['link', 'set', 'dev', tap, 'master', 'drawn0']);
  });

  it('draws a network namespace by its name, and path starts there', async () => {
    await must('ip', ['netns', 'add', 'web']);
    try {
      await must('ip', ['link', 'add', 'name', 'web0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'web']);
      await must('ip', ['-n', 'web', 'link', 'set', 'dev', 'eth0', 'up']);
      await must('ip', ['link', 'set', 'dev', 'web0', 'master', 'drawn0', 'up']);
      const { nodes } = (await kvmnetJson(['topology'])) as { readonly nodes: readonly object[] };
      expect(nodes).toContainEqual(expect.objectContaining({ kind: 'namespace', name: 'web' }));
      const { stdout } = await kvmnet(['path', 'web', 'VM1']);
      expect(stdout).toMatch(/web0[^]*drawn0[^]*VM1/);
    } finally {
      await must('ip', ['netns', 'delete', 'web']);
    }
  });
});
