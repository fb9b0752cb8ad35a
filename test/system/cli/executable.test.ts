import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { must, root, run, type Outcome } from '../../helpers/host.ts';

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
    await build();
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

  it('needs no folder for temporary files that allows programs, and leaves nothing there', async () => {
    const script = `net list && ls -A /dev/shm`;
    const { stdout, status } = await alone(script, `mkdir -p /mnt; ${noexec('/mnt')} export TMPDIR=/mnt;`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^default .*\n$/m);
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
});
