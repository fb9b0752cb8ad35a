import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { cleanRoot, filesIn } from '../../helpers/clean.ts';
import { must, root, run, type Outcome } from '../../helpers/host.ts';
import { likeness } from '../../helpers/walk.ts';

const built = `${root}dist/binary/kvmnet-linux-${process.arch}`;
const build = (): Promise<string> => must('npm', ['run', '--silent', 'build:binary'], { cwd: root, seconds: 300 });

let folder = '';
/** The executable alone in a folder, with neither this project nor Node.js in sight. */
async function alone(line: string, mounts = ''): Promise<Outcome> {
  const script = `mount -t tmpfs none '${root}'; ${mounts} cd /; exec ${folder}/kvmnet -c test:///default ${line}`;
  return run('unshare', ['-m', 'bash', '-c', script], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NODE_PATH: undefined },
  });
}
const noexec = (place: string): string => `mount -t tmpfs -o noexec none ${place};`;

describe('the one-file executable', () => {
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
    await copyFile(built, `${folder}/kvmnet`);
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is the same when it is built again, with its checksum and the list of its components', async () => {
    const [first] = (await must('sha256sum', [`${folder}/kvmnet`])).split(' ');
    await build();
    expect(await readFile(`${built}.sha256`, 'utf8')).toBe(`${first ?? ''}  kvmnet-linux-${process.arch}\n`);
    const { bomFormat, components } = JSON.parse(await readFile(`${built}.cdx.json`, 'utf8')) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly name: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['commander', 'koffi', 'xmlbuilder2', 'bun']));
    expect(names.filter((name) => name.startsWith('@koromix/'))).toEqual([`@koromix/koffi-linux-${process.arch}`]);
  }, 600_000);

  it.each([
    ['net list', 'default'],
    ['net create --template keennet', 'network keennet created and started'],
    ['vm attach test default --config', 'attached to default'],
    ['--version', 'Bun '],
  ])('runs alone: %s', async (line, printed) => {
    const { stdout, stderr, status } = await alone(line);
    expect({ stderr: stderr.replaceAll(/^warning: .*\n/gm, ''), status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain(printed);
  });

  it.each(['net list', '--version', 'nosuch'])('leaves the streams that it inherits blocking: %s', async (line) => {
    const script = `{ '${folder}/kvmnet' -c test:///default ${line} >&2; sed -n 's/^flags:\\s*//p' /proc/self/fdinfo/2; } 2> >(cat >/dev/null)`;
    const flags = await must('bash', ['-c', script]);
    expect(parseInt(flags, 8) & 0o4000).toBe(0);
  });

  it('needs no folder for temporary files that allows programs, and leaves nothing there', async () => {
    const script = `net list && ls -A /dev/shm`;
    const { stdout, status } = await alone(script, `mkdir -p /mnt; ${noexec('/mnt')} export TMPDIR=/mnt;`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^default .*\n$/m);
  });

  it('needs no file without a name, and leaves nothing', async () => {
    const env = { TMPDIR: folder, BUN_OPTIONS: `--preload ${root}test/helpers/fault/no-tmpfile.cjs` };
    const { stdout, stderr, status } = await run(`${folder}/kvmnet`, ['-c', 'test:///default', 'net', 'list'], { env });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^default /m);
    expect(await readdir(folder)).toEqual(['kvmnet']);
  });

  it('writes everything to a slow reader, and leaves the pipe blocking', async () => {
    const networks = Array.from({ length: 400 }, (_, index) => `<network><name>net${String(index)}</name></network>`);
    await writeFile(`${folder}/host.xml`, `<node>${networks.join('')}</node>`);
    const line = `'${folder}/kvmnet' -c 'test://${folder}/host.xml' net list --json`;
    const flags = `sed -n 's/^flags:\\s*//p' /proc/self/fdinfo/1 >'${folder}/flags'`;
    const text = await must('bash', ['-c', `{ ${line}; ${flags}; } | { sleep 1; cat; }`]);
    expect(text.length).toBeGreaterThan(100_000);
    expect(JSON.parse(text)).toHaveLength(400);
    expect(parseInt(await readFile(`${folder}/flags`, 'utf8'), 8) & 0o4000).toBe(0);
    await Promise.all([rm(`${folder}/host.xml`), rm(`${folder}/flags`)]);
  });

  it('reports in one sentence that no folder allows programs', async () => {
    const places = ['/mnt', '/dev/shm', '/var/tmp', '/root'];
    const { stderr, status } = await alone(
      'net list',
      `${places.map(noexec).join(' ')} export TMPDIR=/mnt HOME=/root;`,
    );
    expect(stderr).toBe(
      'error: cannot load a library from /mnt: it is full, read-only or mounted noexec\nhint: name another folder: TMPDIR=FOLDER kvmnet ...\n',
    );
    expect(status).toBe(1);
  });

  it('shows the demo in a clean Debian 12 that has libvirt0 and nothing else of this project', async () => {
    const debian = await cleanRoot('bookworm');
    try {
      await debian.must('apt-get -q update && apt-get -q -y install libvirt0');
      await copyFile(`${root}templates/demo.kvmnet`, `${folder}/demo.kvmnet`);
      const demo = await debian.must(
        `cp ${folder}/kvmnet /usr/local/bin && ! command -v node && cd / && kvmnet -c test:///default shell -e -x <${folder}/demo.kvmnet 2>&1`,
      );
      const here = await must(`${root}.ci/demo`, []);
      expect(likeness(demo)).toBe(likeness(here));
    } finally {
      await debian.remove();
    }
  });

  it('is installed by apt in a clean Debian 12, with its man pages and completion, and purged', async () => {
    await must('node', [`${root}.ci/packages.mjs`, '--executable', `${folder}/kvmnet`, 'kvmnet-standalone_amd64.deb']);
    const packages = (await readdir(`${root}dist/packages`)).filter((name) =>
      /^kvmnet-standalone_.*_amd64\.deb$/.test(name),
    );
    expect(packages).toHaveLength(1);
    await copyFile(`${root}dist/packages/${packages[0] ?? ''}`, `${folder}/standalone.deb`);
    const debian = await cleanRoot('bookworm');
    try {
      const before = await filesIn(debian);
      await debian.must(`apt-get -q update && apt-get -q -y install ${folder}/standalone.deb`);
      expect(await debian.must('kvmnet --version')).toMatch(/^kvmnet .*\nlibvirt 9\.0\.0\nBun /);
      expect(await debian.must('kvmnet -c test:///default net list -o name')).toBe('default\n');
      expect(await debian.must('man kvmnet-vm')).toContain('kvmnet-vm - Manage virtual machines');
      const { screen } = await debian.type([
        ['# ', 'export KVMNET_COMPLETION_TIMEOUT=60 KVMNET_URI=test:///default\n'],
        ['# ', 'kvmnet net auto\t'],
        ['kvmnet net autostart ', '\u0015exit\n'],
      ]);
      expect(screen).toContain('kvmnet net autostart ');
      await debian.must('apt-get -q -y purge kvmnet-standalone');
      await debian.must('apt-get -q -y -o APT::AutoRemove::RecommendsImportant=0 autoremove --purge');
      const left = (await filesIn(debian)).filter((file) => !before.includes(file));
      expect(left.filter((file) => !file.startsWith('/var/lib/kvmnet'))).toEqual([]);
    } finally {
      await debian.remove();
    }
  });
});
