import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from '@jest/globals';
import { said } from '../../helpers/fault/fault.ts';
import { kvmnet, must } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const interfaces = `# keep this line
auto lo
iface lo inet loopback

auto br7
iface br7 inet dhcp
    bridge_ports none # and this
`;

onPrivateHost('host persist', () => {
  let root = '';

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'br7', 'address', '52:54:00:00:00:07', 'type', 'bridge', 'forward_delay', '0']);
    await must('ip', ['address', 'add', '192.168.77.1/24', 'dev', 'br7']);
    await must('ip', ['link', 'set', 'br7', 'up']);
  });
  afterAll(() => must('ip', ['link', 'delete', 'br7']));
  beforeEach(async () => {
    root = await mkdtemp(`${tmpdir()}/kvmnet-persist-`);
    await file('/usr/sbin/ifup', '');
    await file('/etc/network/interfaces', interfaces);
  });
  afterEach(() => rm(root, { recursive: true }));

  async function file(path: string, text: string): Promise<void> {
    await mkdir(dirname(root + path), { recursive: true });
    await writeFile(root + path, text);
  }

  const text = (path: string): Promise<string> => readFile(root + path, 'utf8');
  const persist = (...args: readonly string[]) => kvmnet(['host', 'persist', '--root', root, ...args]);

  it('shows the files to write for the manager of this host, and writes nothing', async () => {
    const { stdout, status } = await persist();
    expect(stdout).toContain('--- /etc/network/interfaces\n+++ /etc/network/interfaces\n@@');
    expect(stdout).toContain('\n-iface br7 inet dhcp\n');
    expect(stdout).toContain('\n+    address 192.168.77.1/24\n');
    expect(stdout).toMatch(/\nnothing is written yet; to write it: kvmnet host persist --root\S+ --write\n$/);
    expect(status).toBe(0);
    expect(await text('/etc/network/interfaces')).toBe(interfaces);
  });

  it('writes it once, keeps a copy, and undo restores the file', async () => {
    const { stdout, status } = await persist('--write');
    expect(status).toBe(0);
    expect(await text('/etc/network/interfaces')).toContain('# keep this line\n');
    const copies = /copies of the old files are in (\S+)/.exec(stdout)?.[1] ?? '';
    expect(await readFile(`${copies}/etc/network/interfaces`, 'utf8')).toBe(interfaces);
    expect((await persist('--write')).stdout).toBe("write the host's devices for ifupdown: nothing to do\n");
    expect((await kvmnet(['undo', '--yes'])).status).toBe(0);
    expect(await text('/etc/network/interfaces')).toBe(interfaces);
  });

  it('writes profiles that only root can read', async () => {
    const { status } = await persist('--for', 'networkmanager', '--write');
    expect(status).toBe(0);
    const { mode } = await stat(`${root}/etc/NetworkManager/system-connections/kvmnet-br7.nmconnection`);
    expect(mode & 0o777).toBe(0o600);
  });

  it('reports as JSON which files change, and how', async () => {
    const { stdout } = await persist('--for', 'netplan', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      manager: 'netplan',
      devices: ['br7'],
      written: false,
      files: [{ path: '/etc/netplan/90-kvmnet.yaml', change: 'new', diff: expect.stringContaining('+    br7:') }],
    });
  });

  it('removes a named device that does not exist from the files', async () => {
    await file('/etc/network/interfaces', `${interfaces}\nauto br8\niface br8 inet manual\n    bridge_ports none\n`);
    expect((await persist('--device', 'br8', '--write')).status).toBe(0);
    expect(await text('/etc/network/interfaces')).toBe(`${interfaces}\n`);
  });

  it('reports that it neither reads nor writes the files of SUSE', async () => {
    await rm(`${root}/etc/network`, { recursive: true });
    await rm(`${root}/usr`, { recursive: true, force: true });
    await file('/etc/sysconfig/network/ifcfg-lo', "STARTMODE='nfsroot'\n");
    await file('/etc/sysconfig/network/ifcfg-eth0', "STARTMODE='auto'\nBOOTPROTO='dhcp'\n");
    await file('/etc/sysconfig/network/ifcfg-eth1', "STARTMODE='auto'\nBOOTPROTO='dhcp'\n");
    const refused = await persist();
    expect(refused.status).toBe(2);
    expect(said(refused)).toContain('wicked has the devices of this host, in ifcfg files of SUSE');
    expect(said(refused)).toContain('(/etc/sysconfig/network/ifcfg-eth0 and 1 more)');
    expect(refused.stderr).toContain('--for networkmanager');
    const other = await persist('--for', 'networkd');
    expect(other).toMatchObject({ status: 0 });
    expect(said(other)).toContain('two managers must not have one device');
    const linted = await kvmnet(['host', 'lint', '--root', root]);
    expect(linted.status).toBe(3);
    expect(linted.stdout).toContain('ifcfg-eth1:1: warning: this is a file of SUSE (wicked)');
  });

  it('refuses with the way on: two managers, no manager, an unknown one, an unknown device', async () => {
    await file('/usr/sbin/NetworkManager', '');
    await file('/etc/NetworkManager/system-connections/a.nmconnection', '[connection]\nid=a\ninterface-name=eth0\n');
    const two = await persist();
    expect(said(two)).toContain('this host has several managers: ifupdown (/etc/network/interfaces), NetworkManager');
    expect(two.stderr).toContain('--for ifupdown or --for networkmanager');
    await rm(`${root}/usr`, { recursive: true });
    const none = await persist();
    expect(said(none)).toContain('no manager is installed');
    const unknown = await persist('--for', 'networkmanger');
    expect(unknown.stderr).toContain('did you mean networkmanager?');
    const device = await persist('--for', 'ifupdown', '--device', 'br77');
    expect(device.stderr).toContain('did you mean br7?');
    expect([two, none, unknown, device].map(({ status }) => status)).toEqual([2, 2, 2, 2]);
    expect(await text('/etc/network/interfaces')).toBe(interfaces);
  });
});
