import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { kvmnet, must, run } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const path = '/etc/network/interfaces';
const old = `auto lo
iface lo inet loopback

auto br7
iface br7 inet manual
    bridge_ports eno7
    bridge_stp off
    bridge_fd 0
`;

/** Changes of what the boot file has. */
const changes: readonly (readonly [line: string, fileAfter: RegExp])[] = [
  ['bridge stp br7 on', /bridge_stp on/],
  ['bridge set br7 stp=on', /bridge_stp on/],
  ['bridge del-port br7 eno7', /bridge_ports none/],
  ['bridge delete br7', /^(?!.*br7)/s],
];

onPrivateHost("a change of links that the host's boot files have otherwise", () => {
  // The machine's own /etc is copied, for nothing of a test may be written there.
  beforeAll(async () => {
    await mkdir('/run/kvmnet-test/etc', { recursive: true });
    await must('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run/kvmnet-test/etc']);
    await must('cp', ['-a', '/etc/.', '/run/kvmnet-test/etc']);
    for (const path of ['network', 'netplan', 'NetworkManager', 'systemd/network', 'sysconfig'])
      await rm(`/run/kvmnet-test/etc/${path}`, { recursive: true, force: true });
    await mkdir('/run/kvmnet-test/etc/network');
    await must('mount', ['--bind', '/run/kvmnet-test/etc', '/etc']);
    await must('mount', ['-t', 'tmpfs', 'tmpfs', '/usr/local/sbin']);
    await writeFile('/usr/local/sbin/ifup', '');
  });
  afterAll(async () => {
    for (const path of ['/usr/local/sbin', '/etc', '/run/kvmnet-test/etc']) await must('umount', ['--lazy', path]);
  });
  beforeEach(async () => {
    await writeFile(path, old);
    await must('ip', ['link', 'add', 'name', 'eno7', 'type', 'veth', 'peer', 'name', 'eno7-wire']);
    await must('ip', ['link', 'add', 'name', 'br7', 'type', 'bridge', 'forward_delay', '0']);
    await must('ip', ['link', 'set', 'dev', 'eno7', 'master', 'br7', 'up']);
    await must('ip', ['link', 'set', 'dev', 'br7', 'up']);
  });
  afterEach(async () => {
    for (const name of ['br7', 'eno7']) await run('ip', ['link', 'delete', 'dev', name]);
  });

  it.each(changes)('%s names the file, and what writes the new state does so', async (line, fileAfter) => {
    const { status, stderr } = await kvmnet([...line.split(' '), '--yes', '--no-confirm']);
    expect(status).toBe(0);
    expect(stderr).toContain(`warning: the next boot brings the old state back from ${path}: add --persist, or`);
    expect(await readFile(path, 'utf8')).toBe(old);
    const [, remedy = ''] = /kvmnet (host persist .*)$/m.exec(stderr) ?? [];
    expect(await kvmnet(remedy.split(' '))).toMatchObject({ status: 0 });
    expect(await readFile(path, 'utf8')).toMatch(fileAfter);
  });

  // The NICs of this host are veth devices, which no file has.
  it.each(changes.filter(([line]) => !line.includes('-port')))(
    '%s --persist writes it, and warns of nothing',
    async (line, fileAfter) => {
      const { status, stderr } = await kvmnet([...line.split(' '), '--yes', '--no-confirm', '--persist']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('next boot brings') });
      expect(await readFile(path, 'utf8')).toMatch(fileAfter);
    },
  );

  it('bridge create of what no file has warns of nothing', async () => {
    const { status, stderr } = await kvmnet(['bridge', 'create', 'br8']);
    await must('ip', ['link', 'delete', 'dev', 'br8']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
