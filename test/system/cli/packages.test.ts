/** The package for hosts with Node.js, as users of Debian 13 get it: installed where nothing of this project is, used, upgraded and purged. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { cleanRoot, filesIn, type CleanRoot } from '../../helpers/clean.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, root, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { likeness, walkSteps } from '../../helpers/walk.ts';

const { version, dependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};
const older = '0.0.9';

const build = (...words: readonly string[]) => must('node', [`${root}.ci/packages.mjs`, ...words], { cwd: root });
const built = (name: string) => `${root}dist/packages/${name}`;
const sum = async (name: string) => (await must('sha256sum', [built(name)])).split(' ')[0];

onPrivateHost("Debian's package", () => {
  let folder: string;
  let debian: CleanRoot;
  let guest: Guest;
  let before: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
    await build('kvmnet_amd64.deb', 'kvmnet_arm64.deb');
    await build('--version', older, 'kvmnet_amd64.deb');
    for (const each of [older, version]) await cp(built(`kvmnet_${each}-1_amd64.deb`), `${folder}/${each}.deb`);
    debian = await cleanRoot('trixie');
    before = await filesIn(debian);
    await virsh('net-define', `${root}templates/networks/default.xml`);
    await virsh('net-start', 'default');
    guest = await makeGuest('VM1');
  });
  afterAll(async () => {
    await debian.remove();
    await rm(folder, { recursive: true });
    await guest.remove();
    // The rules in force stay until the next boot: the forward becomes one of this host's kvmnet, and is removed with its network.
    for (const line of ['forward add 8080 192.168.132.9:80', 'forward remove 8080', 'net delete keennet default'])
      expect(await kvmnet([...line.split(' '), '--yes'])).toMatchObject({ status: 0 });
  });

  it('is the same when it is built again', async () => {
    const first = await sum(`kvmnet_${version}-1_amd64.deb`);
    await build('kvmnet_amd64.deb');
    expect(await sum(`kvmnet_${version}-1_amd64.deb`)).toBe(first);
  });

  it('has the same files for arm64, but for the native half of koffi', async () => {
    const contents = async (arch: string) => {
      await must('dpkg-deb', ['--extract', built(`kvmnet_${version}-1_${arch}.deb`), `${folder}/${arch}`]);
      return (await must('find', ['.', '-type', 'f'], { cwd: `${folder}/${arch}` })).split('\n').sort();
    };
    const [x64, arm64] = [await contents('amd64'), await contents('arm64')];
    expect(arm64).toEqual(
      x64.map((file) => file.replaceAll('linux_x64', 'linux_arm64').replaceAll('linux-x64', 'linux-arm64')).sort(),
    );
    const natives = arm64.filter((file) => file.endsWith('.node'));
    expect(natives).toHaveLength(1);
    // Field e_machine of the ELF header: EM_AARCH64.
    expect((await readFile(`${folder}/arm64/${natives[0] ?? ''}`)).readUInt16LE(18)).toBe(183);
  });

  it('is installed by apt in a clean Debian 13, with what it depends on', async () => {
    await debian.must('apt-get -q update');
    await debian.must(`apt-get -q -y install ${folder}/${older}.deb`);
    expect(await debian.must('kvmnet --version')).toMatch(/^kvmnet .*\nlibvirt 11\.\S+\nNode\.js 20\.19\.\S+\nkoffi /);
    expect(await debian.must('kvmnet -c test:///default net list -o name')).toBe('default\n');
  });

  it('is upgraded', async () => {
    await debian.must(`apt-get -q -y install ${folder}/${version}.deb`);
    expect(await debian.must('dpkg-query --show kvmnet')).toBe(`kvmnet\t${version}-1\n`);
    expect(await debian.must('dpkg --verify kvmnet && dpkg --audit')).toBe('');
  });

  it('has code that was compiled for this Node.js, and has it compiled again when Node.js is upgraded', async () => {
    const folder = '/usr/lib/kvmnet/dist/bin/compiled';
    const compiled = await debian.must(`ls ${folder}`);
    expect(compiled).toMatch(/^\d+\.\d+\.\S+-x64-[0-9a-f]{16}\n$/);
    await debian.must(`rm -r ${folder} && dpkg-trigger --no-await /usr/bin/node && dpkg --configure --pending`);
    expect(await debian.must(`ls ${folder}`)).toBe(compiled);
    expect(await debian.must(`ls ${folder}/*`)).toContain('look.js.bin');
  });

  it('has the licenses of the packages inside', async () => {
    const copyright = await debian.must('cat /usr/share/doc/kvmnet/copyright');
    for (const name of Object.keys(dependencies)) expect(copyright).toContain(`\nFiles: node_modules/${name}/*\n`);
    for (const license of ['Apache-2.0', 'Expat', 'ISC']) expect(copyright).toContain(`\nLicense: ${license}\n `);
  });

  it('has man pages, which man prints without a warning and finds by a word', async () => {
    const page = await debian.run('man', '--warnings', 'kvmnet');
    expect(page).toMatchObject({ stderr: '', status: 0 });
    expect(page.stdout).toContain('kvmnet - Manage networks and NICs of KVM hosts through libvirt, safely');
    expect(page.stdout).toMatch(/^ +-o, --output <FORMAT>$/m);
    const pages = (await debian.must('ls /usr/share/man/man1/kvmnet-*')).trim().split('\n');
    expect(pages.length).toBeGreaterThan(9);
    expect(await debian.run('man', '--warnings', ...pages)).toMatchObject({ stderr: '', status: 0 });
    expect((await debian.run('man', 'kvmnet-net')).stdout).toMatch(/^ +kvmnet net create quiet --isolated$/m);
    expect(await debian.must('man -k "port forward|Forward ports"')).toContain('kvmnet-forward (1)');
  });

  it('completes commands and names at a prompt', async () => {
    const { screen } = await debian.type([
      ['# ', 'export KVMNET_COMPLETION_TIMEOUT=60 KVMNET_URI=test:///default\n'],
      ['# ', 'kvmnet net auto\t'],
      ['kvmnet net autostart ', 'def\t'],
      ['default ', '--dis\t'],
      ['--disable ', '\u0015exit\n'],
    ]);
    expect(screen).toContain('kvmnet net autostart default --disable ');
  });

  it.each(walkSteps)('prints what README.md shows: $line', async ({ line, output }) => {
    const { stdout, stderr } = await debian.run('kvmnet', ...line.split(' '));
    expect(likeness(stdout + stderr)).toBe(likeness(output));
  });

  it('leaves nothing but the journal when it is purged, also of a port forward', async () => {
    await debian.must(
      'kvmnet net create keennet --nat 192.168.132.0/24 && kvmnet forward add 8080 192.168.132.9:80 --yes',
    );
    expect(await debian.must('ls /etc/kvmnet /etc/systemd/system')).toContain('kvmnet-nat.service');
    await debian.must('apt-get -q -y remove kvmnet');
    expect(await debian.must('ls /etc/kvmnet')).toContain('nat.json');
    await debian.must('apt-get -q -y purge kvmnet');
    await debian.must(
      'apt-get -q -y -o APT::AutoRemove::RecommendsImportant=0 -o APT::AutoRemove::SuggestsImportant=0 autoremove --purge',
    );
    const after = await filesIn(debian);
    const left = after.filter((file) => !before.includes(file));
    expect(left.filter((file) => !file.startsWith('/var/lib/kvmnet'))).toEqual([]);
    expect(left).toContain('/var/lib/kvmnet/journal');
    expect(before.filter((file) => !after.includes(file))).toEqual([]);
  });
});
