import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { said } from '../../helpers/fault/fault.ts';
import { command, kvmnet, must, preloading, run } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const interfaces = '# keep this line\nauto lo\niface lo inet loopback\n';
const hook = fileURLToPath(new URL('../../helpers/fault/rename.cjs', import.meta.url));
const killed = 128 + 9;
/** An extended attribute that every file system has: user attributes are missing on some. */
const attribute = 'trusted.kvmnet';

/** For each manager: a file that is changed, its text on a bridge before, and a new file. */
const managers = [
  ['ifupdown', '/etc/network/interfaces', `${interfaces}auto br7\niface br7 inet dhcp\n    bridge_ports none\n`],
  ['ifcfg', '/etc/sysconfig/network-scripts/ifcfg-br7', 'DEVICE=br7\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=dhcp\n'],
  [
    'networkmanager',
    '/etc/NetworkManager/system-connections/kvmnet-br7.nmconnection',
    '[connection]\nid=kvmnet-br7\ntype=bridge\ninterface-name=br7\n',
  ],
  ['networkd', '/etc/systemd/network/50-kvmnet-br7.network', '[Match]\nName=br7\n\n[Network]\nDHCP=yes\n'],
  ['netplan', '/etc/netplan/90-kvmnet.yaml', 'network:\n  version: 2\n  bridges:\n    br7:\n      dhcp4: true\n'],
] as const;

onPrivateHost('files of a manager that are written', () => {
  let root = '';

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'br7', 'address', '52:54:00:00:00:07', 'type', 'bridge', 'forward_delay', '0']);
    await must('ip', ['address', 'add', '192.168.77.1/24', 'dev', 'br7']);
    await must('ip', ['link', 'set', 'br7', 'up']);
  });
  afterAll(() => must('ip', ['link', 'delete', 'br7']));
  beforeEach(async () => {
    root = await mkdtemp(`${tmpdir()}/kvmnet-persist-`);
    await chmod(root, 0o755);
  });
  afterEach(() => rm(root, { recursive: true }));

  async function put(path: string, text: string): Promise<void> {
    await mkdir(dirname(root + path), { recursive: true });
    await writeFile(root + path, text);
  }

  const attributeOf = (path: string): Promise<string> =>
    must('getfattr', ['--only-values', '--absolute-names', '-n', attribute, root + path]);
  const text = (path: string): Promise<string> => readFile(root + path, 'utf8');
  const words = (manager: string) => [
    'host',
    'persist',
    '--root',
    root,
    '--for',
    manager,
    '--device',
    'br7',
    '--write',
  ];
  const persist = (manager: string) => kvmnet(words(manager));

  async function undo(): Promise<void> {
    expect(await kvmnet(['undo', '--yes'])).toMatchObject({ status: 0, stderr: '' });
  }

  /** Every file and link with what must be kept of it. */
  async function tree(): Promise<readonly string[]> {
    const paths = (await readdir(root, { recursive: true })).map((path) => `${root}/${path}`).sort();
    const looks = paths.map(async (path) => {
      const entry = await lstat(path);
      const { mode, uid, gid } = entry;
      const what = entry.isSymbolicLink() ? await readlink(path) : entry.isFile() ? await readFile(path, 'utf8') : '';
      // An empty directory is left where a file was new.
      return entry.isDirectory() ? [] : [`${path} ${mode.toString(8)} ${uid}:${gid} ${what}`];
    });
    return (await Promise.all(looks)).flat();
  }

  describe.each(managers)('of %s', (manager, path, before) => {
    it('keep their mode, owner, group, attributes and link, and undo restores the same ones', async () => {
      await put('/etc/real/file', before);
      await chown(`${root}/etc/real/file`, 8, 4);
      await chmod(`${root}/etc/real/file`, 0o640);
      await must('setfattr', ['-n', attribute, '-v', 'kept', `${root}/etc/real/file`]);
      await mkdir(dirname(root + path), { recursive: true });
      await symlink('/etc/real/file', root + path);
      const was = await tree();
      expect(await persist(manager)).toMatchObject({ status: 0 });
      expect(await readlink(root + path)).toBe('/etc/real/file');
      expect(await text('/etc/real/file')).not.toBe(before);
      expect(await stat(`${root}/etc/real/file`)).toMatchObject({ uid: 8, gid: 4, mode: 0o100640 });
      expect(await attributeOf('/etc/real/file')).toBe('kept');
      await undo();
      expect(await tree()).toEqual(was);
      expect(await attributeOf('/etc/real/file')).toBe('kept');
    });

    it('have the mode that they are to have, whatever the umask', async () => {
      const masked = ['-c', 'umask 077; "$@"', 'bash', ...command, ...words(manager)];
      expect(await run('bash', masked)).toMatchObject({ status: 0 });
      const isSecret = manager === 'networkmanager' || manager === 'netplan';
      for (const entry of await readdir(`${root}/etc`, { recursive: true, withFileTypes: true })) {
        const { mode } = await stat(`${entry.parentPath}/${entry.name}`);
        const isShared = entry.isDirectory() || !isSecret || entry.name.endsWith('.conf');
        expect({ name: entry.name, mode: (mode & 0o777).toString(8) }).toEqual({
          name: entry.name,
          mode: entry.isDirectory() ? '755' : isShared ? '644' : '600',
        });
      }
      await undo();
    });

    it('leave nothing that the manager would read where the run is killed in the middle', async () => {
      await put(path, before);
      const was = await tree();
      const env = { ...preloading(hook), FAULT_RENAME: `^${dirname(root + path)}/` };
      expect((await kvmnet(words(manager), { env })).status).toBe(killed);
      const left = (await readdir(dirname(root + path))).filter((name) => !(root + path).endsWith(`/${name}`));
      expect(left.length).toBeGreaterThan(0);
      for (const name of left) expect(name).toMatch(/^\.kvmnet-.*\.new$/);
      const lint = await kvmnet(['host', 'lint', '--root', root, '--json']);
      expect(lint.stdout).not.toContain('.new');

      const next = await kvmnet(['net', 'create', 'next', '--isolated']);
      expect(next.stderr).toContain('undoing it');
      expect(await kvmnet(['net', 'delete', 'next'])).toMatchObject({ status: 0 });
      expect(await tree()).toEqual(was);
    });
  });

  it('that are removed come back with their owner, mode and link', async () => {
    await put('/etc/network/interfaces', interfaces);
    await put('/etc/real/br8', 'DEVICE=br8\nTYPE=Bridge\nONBOOT=yes\n');
    await put('/etc/sysconfig/network-scripts/ifcfg-br9', 'DEVICE=br9\nTYPE=Bridge\nONBOOT=yes\n');
    await chown(`${root}/etc/sysconfig/network-scripts/ifcfg-br9`, 8, 4);
    await chmod(`${root}/etc/sysconfig/network-scripts/ifcfg-br9`, 0o604);
    await symlink('../../real/br8', `${root}/etc/sysconfig/network-scripts/ifcfg-br8`);
    const was = await tree();
    const remove = [
      'host',
      'persist',
      '--root',
      root,
      '--for',
      'ifcfg',
      '--device',
      'br8',
      '--device',
      'br9',
      '--write',
    ];
    expect(await kvmnet(remove)).toMatchObject({ status: 0 });
    expect(await readdir(`${root}/etc/sysconfig/network-scripts`)).not.toContain('ifcfg-br8');
    expect(await readdir(`${root}/etc/sysconfig/network-scripts`)).not.toContain('ifcfg-br9');
    await undo();
    expect(await tree()).toEqual(was);
  });

  it('that are not as they were written fail the run', async () => {
    await put('/etc/network/interfaces', interfaces);
    const env = { ...preloading(hook), FAULT_RENAME: `^${root}/etc/network/`, FAULT_MODE: '600' };
    const { stderr, status } = await kvmnet(words('ifupdown'), { env });
    expect({ status, told: said({ stdout: '', stderr, status }) }).toEqual({
      status: 1,
      told: expect.stringContaining('/etc/network/interfaces has the mode 0600'),
    });
    expect(await text('/etc/network/interfaces')).toBe(interfaces);
  });

  it('stay in the image whose links lead out of it', async () => {
    const host = await mkdtemp(`${tmpdir()}/kvmnet-victim-`);
    try {
      await mkdir(`${host}/systemd`);
      await writeFile(`${host}/secret`, 'root:x:0:0\n');
      await mkdir(`${root}/etc/network`, { recursive: true });
      await symlink(host, `${root}/etc/systemd`);
      await symlink(`${host}/secret`, `${root}/etc/network/interfaces`);
      await mkdir(`${root}/var`);
      await symlink(host, `${root}/var/lib`);
      for (const manager of ['networkd', 'ifupdown']) expect(await persist(manager)).toMatchObject({ status: 0 });
      const lint = await kvmnet(['host', 'lint', '--root', root]);
      expect(lint.stdout).not.toContain('root:x');
      expect(await readdir(host, { recursive: true })).toEqual(['secret', 'systemd']);
      expect(await readFile(`${host}/secret`, 'utf8')).toBe('root:x:0:0\n');
      const inside = await readdir(root + host, { recursive: true });
      expect(inside).toEqual(expect.arrayContaining(['secret', 'network/50-kvmnet-br7.network']));
    } finally {
      await rm(host, { recursive: true });
    }
  });
});
