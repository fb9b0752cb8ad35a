/** The built command on whole trees of files: fixtures/lint, each with what is to be printed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet, root, type Outcome } from '../helpers/host.ts';

const fixtures = `${root}fixtures/lint`;
const trees = await readdir(fixtures);
const scripts = 'etc/sysconfig/network-scripts';

describe('host lint', () => {
  let folder = '';

  /** In a tree: paths are then as short as the fixtures have them. */
  const lint = (tree: string, ...args: readonly string[]): Promise<Outcome> =>
    kvmnet(['host', 'lint', ...args], { cwd: `${folder}/${tree}` });

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-embedded-`);
    await cp(fixtures, folder, { recursive: true, verbatimSymlinks: true });
    // git keeps no such rights.
    const files = await readdir(folder, { recursive: true });
    const secret = files.filter((file) => /\.(nmconnection|yaml)$/.test(file));
    await Promise.all(secret.map((file) => chmod(`${folder}/${file}`, 0o600)));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each(trees)('prints exactly the findings of the tree %s', async (tree) => {
    const expected = await readFile(`${fixtures}/${tree}/expected.txt`, 'utf8');
    const { stdout, stderr, status } = await lint(tree, '--root', '.');
    expect({ stdout, stderr }).toEqual({ stdout: expected, stderr: '' });
    expect(status).toBe(tree.startsWith('clean-') ? 0 : 3);
  });

  it('reports for clean trees how many files it has read', async () => {
    const clean = trees.filter((tree) => tree.startsWith('clean-'));
    expect(clean).toHaveLength(5);
    for (const tree of clean) expect((await lint(tree, '--root', '.')).stdout).toMatch(/^nothing found: \d+ files?\n$/);
  });

  it('gives all fields as JSON, and a table as CSV', async () => {
    const { stdout } = await lint('centos-gateway', '--root', '.', '--json');
    expect(JSON.parse(stdout)).toEqual({
      files: ['ifcfg-eno1', 'ifcfg-eno1.10', 'ifcfg-eno1.20', 'ifcfg-eno2'].map((name) => `${scripts}/${name}`),
      findings: [
        {
          code: 'misspelt-key',
          severity: 'error',
          path: `${scripts}/ifcfg-eno1.20`,
          line: 11,
          message: 'NATMASK is misspelled: nothing reads it',
          remedy: 'write NETMASK=255.255.255.0',
        },
      ],
    });
    const csv = await lint('centos-gateway', '--root', '.', '-o', 'csv', '--columns', 'Line,Remedy');
    expect(csv).toEqual({ stdout: 'Line,Remedy\n11,write NETMASK=255.255.255.0\n', stderr: '', status: 3 });
  });

  it('reports only on the file that is named, and knows what it depends on', async () => {
    const { stdout, status } = await lint('centos-vlans', `${scripts}/ifcfg-eno1.20`);
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^etc\/sysconfig\/network-scripts\/ifcfg-eno1\.20:8: error: BRIDGE=brvlan-20: .*\n {2}remedy: .*\n1 error in 1 file\n$/,
    );
    expect(await lint('centos-vlans', `${scripts}/ifcfg-eno1`)).toMatchObject({
      stdout: 'nothing found: 1 file\n',
      status: 0,
    });
  });

  it('knows the bridge of a port in files that lie anywhere', async () => {
    await cp(`${folder}/clean-centos/${scripts}`, `${folder}/anywhere`, { recursive: true });
    expect(await lint('anywhere', 'ifcfg-ens33')).toMatchObject({ stdout: 'nothing found: 1 file\n', status: 0 });
    expect(await lint('anywhere', '.')).toMatchObject({ status: 0 });
    await rm(`${folder}/anywhere/ifcfg-br0`);
    expect(await lint('anywhere', 'ifcfg-ens33')).toMatchObject({ status: 3 });
  });

  it('follows the source lines of an image within it', async () => {
    const { stdout } = await kvmnet(['host', 'lint', `${folder}/clean-debian/etc/network/interfaces.d/vlans`]);
    expect(stdout).toBe('nothing found: 1 file\n');
    const whole = await kvmnet(['host', 'lint', '--root', `${folder}/clean-debian`]);
    expect(whole.stdout).toBe('nothing found: 2 files\n');
  });

  it('finds files that others may read', async () => {
    const file = 'etc/netplan/60-kvm.yaml';
    await chmod(`${folder}/clean-netplan/${file}`, 0o644);
    const { stdout, status } = await lint('clean-netplan', '--root', '.');
    await chmod(`${folder}/clean-netplan/${file}`, 0o600);
    expect(status).toBe(3);
    expect(stdout).toContain(`${file}:1: warning: `);
    expect(stdout).toContain(`remedy: chmod 600 ${file}`);
  });

  it('detects the format by the content, or uses the one that is given', async () => {
    await writeFile(`${folder}/draft.txt`, 'auto br0\niface br0 inet dhcp\n    bridge_stp off\n');
    expect(await kvmnet(['host', 'lint', `${folder}/draft.txt`])).toMatchObject({ status: 3 });
    await writeFile(`${folder}/draft.txt`, 'NATMASK=255.255.255.0\n');
    const { stderr, status } = await kvmnet(['host', 'lint', `${folder}/draft.txt`]);
    expect({ stderr, status }).toEqual({
      stderr: `error: ${folder}/draft.txt looks like none of the formats that kvmnet knows\nhint: name its format: --for ifupdown|ifcfg|networkmanager|networkd|netplan\n`,
      status: 2,
    });
    const { stdout } = await kvmnet(['host', 'lint', `${folder}/draft.txt`, '--for', 'ifcfg']);
    expect(stdout).toContain('NATMASK is misspelled');
  });

  it('escapes the text of files for a terminal', async () => {
    await writeFile(`${folder}/ifcfg-evil`, 'DEVICE=evil\nBRIDGE=\u001b[2Jbr0\n');
    const { stdout } = await kvmnet(['host', 'lint', `${folder}/ifcfg-evil`]);
    expect(stdout).toContain('BRIDGE=\\x1b[2Jbr0');
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    [['nosuch'], 2, 'file nosuch does not exist'],
    [['--root', 'nosuch'], 2, 'no directory nosuch'],
    [['.'], 2, '. has no configuration files'],
    [['/dev/null'], 2, '/dev/null is not a configuration file'],
    [['--root', '.', 'x'], 2, '--root is for all files of a host, and files were named'],
    [['--for', 'netplan'], 2, '--for is the format of files, and none were named'],
    [['--for', 'netpaln', 'x'], 2, '--for netpaln: unknown format'],
    [['-c', 'qemu+ssh://root@elsewhere/system'], 2, 'host lint only reads files of this machine'],
  ])('refuses %j with status %d: %s', async (args, expected, message) => {
    const { stdout, stderr, status } = await lint('clean-debian', ...args);
    expect({ stdout, status }).toEqual({ stdout: '', status: expected });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain('hint: ');
  });

  it('needs no libvirt: nothing is asked of the URI', async () => {
    const { status } = await lint('clean-debian', '--root', '.', '-c', 'qemu:///nosuch');
    expect(status).toBe(0);
  });

  it('reports that no files to read exist', async () => {
    const empty = await mkdtemp(`${folder}/empty-`);
    const { stdout, status } = await kvmnet(['host', 'lint', '--root', empty]);
    expect({ stdout, status }).toEqual({ stdout: 'nothing found: no configuration files\n', status: 0 });
  });
});
