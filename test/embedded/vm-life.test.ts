/** Whole domains, on libvirt's test driver: what a script of the shell changes, it shows. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { commandText, kvmnet, type Outcome } from '../helpers/host.ts';
import { atTerminal } from '../helpers/terminal.ts';

const uuid = '00000000-0000-4000-8000-000000000051';
const domain = (inside = '', id = `<uuid>${uuid}</uuid>`): string =>
  `<domain type='test'><name>web</name>${id}<memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>${inside}</devices></domain>`;
const nic = (source: string, mac: string): string =>
  `<interface type='${source.split('=')[0] ?? ''}'><mac address='${mac}'/><source ${source}/></interface>`;
const disk = `<disk type='file'><source file='/images/web.qcow2'/><target dev='vda'/></disk>`;

let folder = '';
const uri = ['-c', 'test:///default'];
const driver = (...args: readonly string[]): Promise<Outcome> => kvmnet([...uri, ...args]);
const script = (...lines: readonly string[]): Promise<Outcome> =>
  kvmnet([...uri, 'shell'], { stdin: `${lines.join('\n')}\n` });
const quiet = { stderr: '', status: 0 };

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-embedded-`);
  const files = {
    web: domain(disk),
    fresh: domain(nic(`network='default'`, '52:54:00:00:00:51'), ''),
    other: domain('', `<uuid>${uuid.replace('51', '52')}</uuid>`),
    wanting: domain(nic(`network='defualt'`, 'AA:BB:CC:DD:EE:FF')),
    dropping: domain('<nosuch/>'),
    broken: '<domain type="test"><name>web',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}.xml`, text);
});

afterAll(() => rm(folder, { recursive: true }));

const define = (name: string): string => `vm define ${folder}/${name}.xml`;

describe('vm show', () => {
  it('prints all facts of a domain, a line for each NIC', async () => {
    const { stdout, stderr, status } = await driver('vm', 'show', 'test');
    expect({ stderr, status }).toEqual(quiet);
    expect(stdout.replace(/UUID .*/, 'UUID …')).toBe(
      [
        'Name     test',
        'UUID …',
        'Id       1',
        'State    running (unknown), persistent, not started at boot',
        'OS type  linux',
        'CPUs     2',
        'Memory   2 GiB of 8 GiB',
        'NIC      0: default (network, virbr0, testnet0), aa:bb:cc:dd:ee:ff',
        '',
      ].join('\n'),
    );
  });

  it('has them all as JSON, of all domains without a name', async () => {
    const { stdout } = await driver('vm', 'show', '--json');
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        ...{ name: 'test', id: 1, state: 'running', reason: 'unknown', active: true, persistent: true },
        ...{ autostart: false, managedSave: false, osType: 'linux', cpus: 2, memoryKiB: 2_097_152 },
        nics: [expect.objectContaining({ mac: 'aa:bb:cc:dd:ee:ff', live: 'default', interface: 'testnet0' })],
        problems: [],
      }),
    ]);
    expect(JSON.parse((await driver('vm', 'show', 'test', '--json')).stdout)).toHaveLength(1);
  });

  it('suggests the nearest name', async () => {
    expect(await driver('vm', 'show', 'tset')).toMatchObject({ status: 2, stderr: expect.stringMatching('mean test') });
  });
});

describe('vm xml', () => {
  it('prints the XML as it is now, or at the next boot', async () => {
    const { stdout, stderr, status } = await script('vm xml test', 'vm xml test --inactive --security-info');
    expect({ stderr, status }).toEqual(quiet);
    const [live, config] = stdout.split(/(?<=<\/domain>\n)/);
    expect(live).toMatch(/^<domain type='test' id='1'>/);
    expect(config).toMatch(/^<domain type='test'>/);
    expect(JSON.parse((await driver('vm', 'xml', 'test', '--json')).stdout)).toMatchObject({
      name: 'test',
      xml: expect.stringMatching('<name>test</name>'),
    });
  });

  it('is refused its passwords on a connection that only looks', async () => {
    expect(await driver('-r', 'vm', 'xml', 'test', '--security-info')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('vm define', () => {
  it('defines a domain and hints how to start it; changes the definition of the same name and UUID', async () => {
    const { stdout, stderr, status } = await script(define('web'), define('web'), 'vm xml web', 'vm start web');
    expect({ stderr, status }).toEqual(quiet);
    expect(stdout).toMatch(/^defined web; start it with: kvmnet vm start web\nredefined web\n<domain type='test'>/);
    expect(stdout).toContain(`<uuid>${uuid}</uuid>`);
    expect(stdout).toMatch(/started web\n$/);
  });

  it('chooses a UUID, and prints it as JSON', async () => {
    const { stdout } = await driver(...define('fresh').split(' '), '--json', '--dry-run');
    const { steps } = JSON.parse(stdout) as { steps: readonly { do: { xml: string } }[] };
    expect(steps[0]?.do.xml).toMatch(/<uuid>[0-9a-f-]{36}<\/uuid>/);
    const done = JSON.parse((await driver(...define('fresh').split(' '), '--json')).stdout) as object;
    expect(done).toMatchObject({ changed: true, domain: 'web', uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('names what will be in the way of its start', async () => {
    const { stderr, status } = await driver(...define('wanting').split(' '));
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: web needs network defualt, which does not exist; did you mean default\?/);
    expect(stderr).toMatch(/^warning: the MAC aa:bb:cc:dd:ee:ff is taken by NIC 0 of test: without <mac> /m);
  });

  it('names what libvirt does not keep, unless its schema is asked first, which refuses it', async () => {
    const { stderr, status } = await driver(...define('dropping').split(' '));
    expect(status).toBe(0);
    expect(stderr).toContain('warning: libvirt did not keep devices/nosuch\n');
    const refused = await driver(...define('dropping').split(' '), '--validate');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^error: define web: .*validate/);
  });

  it.each([
    ['other', /^error: domain web already exists, with the UUID .*51\nhint: .*kvmnet vm edit web$/m],
    ['broken', /line \d+/],
    ['nosuch', /^error: file .*nosuch.xml does not exist\nhint: /m],
  ])('refuses the file %s', async (name, message) => {
    const { stderr, stdout, status } = await script(define('web'), define(name));
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('defined web; start it with: kvmnet vm start web\n');
  });

  it('warns that a password will be lost', async () => {
    const graphics = (more: string): string => domain(`<graphics type='vnc' port='-1'${more}/>`);
    await writeFile(`${folder}/secret.xml`, graphics(` passwd='hush'`));
    await writeFile(`${folder}/public.xml`, graphics(''));
    const { stderr, status } = await script(define('secret'), define('secret'), define('public'), define('public'));
    expect(status).toBe(0);
    expect(stderr.match(/warning: .*no password.*/g)).toEqual([
      'warning: the new definition has no password for the graphics of web, which has one; kvmnet vm xml web --inactive --security-info prints it',
    ]);
  });

  it('warns that the XML of a running domain is not a definition to keep', async () => {
    const live = await driver('vm', 'xml', 'test');
    await writeFile(`${folder}/live.xml`, live.stdout);
    const { stderr, status } = await driver(...define('live').split(' '));
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^warning: this is the XML of test while it runs; kvmnet vm xml test --inactive prints its/m,
    );
    expect(stderr).not.toContain('did not keep');
  });
});

describe('a domain', () => {
  it('is suspended, resumed, restarted and marked, each once', async () => {
    const { stdout, stderr, status } = await script(
      ...['vm suspend test', 'vm show test', 'vm suspend test', 'vm resume test', 'vm resume test'],
      ...['vm reboot test', 'vm autostart test', 'vm show test', 'vm autostart test', 'vm autostart test --disable'],
    );
    expect({ stderr, status }).toEqual(quiet);
    const lines = stdout.split('\n').filter((line) => !/^(Name|UUID|Id|OS|CPUs|Memory|NIC) /.test(line));
    expect(lines).toEqual([
      'suspended test',
      'State    paused (user), persistent, not started at boot',
      'suspend test: nothing to do',
      'resumed test',
      'resume test: nothing to do',
      'asked test to reboot',
      'test: started at boot',
      expect.stringMatching(/^State {4}running \(.*\), persistent, starts at boot$/),
      'enable autostart of test: nothing to do',
      'test: not started at boot any more',
      '',
    ]);
  });

  it.each(['suspend', 'resume', 'reboot'])(
    'cannot %s while it is off, and the hint names the next command',
    async (verb) => {
      const { stderr, status } = await script('vm stop test --force', `vm ${verb} test`);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^error: test is not running\nhint: start it: kvmnet vm start test$/m);
    },
  );

  it('is changed together with others, each independently', async () => {
    const { stdout, stderr, status } = await script(define('web'), 'vm suspend test web');
    expect(status).toBe(1);
    expect(stderr).toMatch(/web is not running\nsuspended test$/m);
    expect(stdout).not.toContain('suspended');
    expect((await driver('vm', 'suspend', 'test', 'nosuch')).stderr).toMatch(/^error: no domain "nosuch"/);
  });

  it('is deleted when it is off, with a list of its disks; --force powers it off first', async () => {
    const { stdout, stderr, status } = await script(define('web'), 'vm start web', 'vm delete web');
    expect(status).toBe(2);
    expect(stdout).not.toContain('deleted');
    expect(stderr).toContain(
      'error: web is running\nhint: shut it down: kvmnet vm stop web; or power it off: kvmnet vm delete web --force\n',
    );
    const forced = await script(define('web'), 'vm start web', 'vm delete web --force', 'vm list -o name');
    expect(forced).toMatchObject(quiet);
    expect(forced.stdout).toMatch(/deleted web\nkept: \/images\/web.qcow2\ntest\n$/);
    const told = await script(define('web'), 'vm delete web --json');
    expect(told.stdout).toMatch(/"kept": \[\s*"\/images\/web.qcow2"\s*\]/);
  });
});

describe('vm edit', () => {
  const edit = (sed: string, ...args: readonly string[]): Promise<Outcome> =>
    kvmnet([...uri, 'vm', 'edit', 'test', ...args], { env: { VISUAL: undefined, EDITOR: `sed -i ${sed}` } });

  it('has nothing to do where nothing was edited', async () => {
    expect(await edit('s/x/x/')).toMatchObject({ stdout: 'edit test: nothing to do\n', status: 0 });
  });

  it('shows the difference, asks, and redefines', async () => {
    const sed = 's/virbr0/virbr1/;s/destroy/restart/';
    const asked = await edit(sed);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toMatch(/^-.*destroy.*\n\+.*restart/m);
    expect(asked.stderr).toMatch(/^error: redefine test needs your consent:\nthis changes the definition of test\n/m);
    const done = await edit(sed, '--yes', '--skip-validate');
    expect(done).toMatchObject({ stdout: 'redefined test\n', status: 0 });
    expect(done.stderr).toMatch(/^warning: test is running: the new definition takes effect when it is shut down/m);
  });

  it.each([
    [
      's/<name>test/<name>tset/',
      /^error: name and UUID of test cannot be edited\nhint: kvmnet virsh domrename test NEW/,
    ],
    ['s/<devices>/<devices/', /line \d+/],
    ['s/<devices>/<devices><nosuch\\/>/', /^error: redefine test: .*validate/m],
  ])('refuses what %s makes of it', async (sed, message) => {
    const { stderr, stdout, status } = await edit(sed, '--yes');
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(message);
  });

  it('is edited again at a terminal until libvirt takes it', async () => {
    const editor = `${folder}/editor`;
    // The first time a mistake, the second time none.
    const text = `#!/bin/bash\nif grep -q nosuch "$1"; then sed -i '/nosuch/d' "$1"; else sed -i 's/<devices>/<devices>\\n<nosuch\\/>/;s/destroy/restart/' "$1"; fi\n`;
    await writeFile(editor, text, { mode: 0o755 });
    const { screen, status } = await atTerminal(
      `exec ${commandText} -c test:///default vm edit test`,
      [
        [/this changes the definition of test\s+redefine test\? \[y\/N\] /, 'y\n'],
        [/validate[^]*edit it again\? \[y\/N\] /, 'y\n'],
        [/redefine test\? \[y\/N\] /, 'y\n'],
      ],
      { env: { EDITOR: editor, VISUAL: undefined } },
    );
    expect(screen).toContain('redefined test');
    expect(status).toBe(0);
  });

  it('is refused by a connection that only looks', async () => {
    expect(await driver('-r', 'vm', 'edit', 'test')).toMatchObject({ status: 1, stdout: '' });
  });
});
