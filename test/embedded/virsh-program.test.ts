import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { commandText, kvmnet, main, run, startKvmnet, type Outcome } from '../helpers/host.ts';
import { waitFor } from '../helpers/wait.ts';

const driver = { VIRSH_DEFAULT_CONNECT_URI: 'test:///default' } as const;

const withoutHints = (text: string): string => text.replaceAll(/^hint: .*\n/gm, '');

/** A day of a user whose alias is kvmnet: queries, changes, mistakes. The test driver forgets between two processes. */
const day: readonly string[] = [
  'virsh list',
  'virsh list --all',
  'virsh -q list --name',
  'virsh dominfo test | grep -v time',
  'virsh domstate test',
  'virsh domid test',
  'virsh domuuid test',
  'virsh domname 1',
  'virsh dumpxml test | grep -c "<"',
  'virsh dumpxml test --xpath //name',
  'virsh domiflist test',
  'virsh domifaddr test | tail -n +3',
  'for vm in $(virsh -q list --name); do virsh domstate $vm; done',
  'virsh shutdown test && echo asked',
  'virsh destroy test || echo cannot',
  'virsh start test || echo cannot',
  'virsh start nosuch 2>&1 | grep "failed to get domain"',
  'virsh suspend test; echo $?',
  "virsh 'destroy test; start test; list'",
  'virsh autostart test',
  'virsh net-list --all',
  "virsh net-info default | awk '/^Bridge/ { print $2 }'",
  'virsh net-dumpxml default | grep -o "<name>.*</name>"',
  'virsh net-info nosuch 2>&1 | grep "no network with matching name"',
  'virsh net-start default 2> /dev/null || echo "it runs"',
  'virsh uri',
  'virsh version | tail -n 2',
  'virsh nodeinfo | head -n 2',
  'virsh hostname > /dev/null && echo named',
  "printf 'list --all\\nnet-list\\nquit\\n' | virsh",
  'virsh -c test:///default -r destroy test || echo "read only"',
  'virsh nosuch-command; echo $?',
  'virsh --version | grep -c .',
  'echo \'<network><name>made</name><bridge name="made0"/></network>\' > $HOME/made.xml && virsh net-define $HOME/made.xml | sed s,$HOME,,',
];

describe('kvmnet installed as virsh', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-virsh-`);
    for (const name of ['link', 'node', 'home', 'loop']) await mkdir(`${folder}/${name}`);
    await symlink(main, `${folder}/link/virsh`);
    await symlink(process.execPath, `${folder}/node/node`);
    for (const tool of ['env', 'grep', 'awk', 'sed', 'head', 'tail', 'cat']) {
      const { stdout } = await run('sh', ['-c', `command -v ${tool}`]);
      await symlink(stdout.trim(), `${folder}/node/${tool}`);
    }
    await writeFile(`${folder}/loop/virsh`, `#!/bin/sh\nexec node '${main}' virsh "$@"\n`, { mode: 0o755 });
  });

  afterAll(() => rm(folder, { recursive: true }));

  const bare = (): Record<string, string> => ({ ...driver, PATH: `${folder}/node` });
  const alone = (...words: readonly string[]): Promise<Outcome> =>
    startKvmnet(['virsh', ...words], { env: bare() }).outcome;

  /** The lines of a day in one bash, with `virsh` as an alias of `command`. */
  const spend = (command: string, path: string, lines = day): Promise<Outcome> => {
    const script = lines.map((line, index) => `echo "== ${String(index)}"\n${line}\n`).join('');
    const text = `shopt -s expand_aliases\nalias virsh="${command}"\n${script}`;
    return run('/bin/bash', ['-c', text], { env: { ...driver, PATH: path, HOME: `${folder}/home` } });
  };

  const parts = ({ stdout }: Outcome): Record<string, string> =>
    Object.fromEntries(stdout.split(/^== /m).map((part) => [day[Number.parseInt(part, 10)] ?? '', part]));

  it('serves as an alias for a day as virsh does, with and without virsh installed', async () => {
    const path = process.env.PATH ?? '';
    const command = `${commandText} virsh`;
    const virsh = await spend('virsh', path);
    const beside = await spend(command, path);
    const without = await spend(command, `${folder}/node`);
    expect(parts(beside)).toEqual(parts(virsh));
    expect(parts(without)).toEqual(parts(virsh));
    expect(withoutHints(beside.stderr).replaceAll(/^warning: .*\n/gm, '')).toBe(virsh.stderr);
  });

  const scripts: readonly string[] = [
    'net-list\n',
    'net-list',
    '',
    'list --all; net-list\n\nnosuch\nnet-info nosuch\nquit\nlist\n',
    'echo a \\\nlist\n',
    '  list  \n#x\n',
    'cd /\npwd\ncd /nosuch\n',
    'connect test:///default --readonly\ndestroy test\nlist\n',
    'pool-list\nnet-list\npool-info nosuch\nlist\n',
  ];

  it.each(scripts.flatMap((text) => [[text, '-q'] as const, [text, '-r'] as const]))(
    'reads commands from standard input: %j with %s',
    async (stdin, option) => {
      const words = ['-c', 'test:///default', option];
      const [theirs, ours] = await Promise.all([
        run('virsh', words, { stdin }),
        kvmnet(['virsh', ...words], { stdin }),
      ]);
      expect({ ...ours, stderr: withoutHints(ours.stderr) }).toEqual(theirs);
    },
  );

  it('is virsh under that name, and does not take itself for the real one', async () => {
    const env = { ...driver, PATH: `${folder}/link:${process.env.PATH ?? ''}` };
    const [list, pools, real] = await Promise.all([
      run(`${folder}/link/virsh`, ['list'], { env }),
      run(`${folder}/link/virsh`, ['pool-list'], { env }),
      run('virsh', ['pool-list'], { env: driver }),
    ]);
    expect(list.stdout).toContain(' 1    test   running');
    expect(pools).toEqual(real);
  });

  it('names the package where virsh is not installed', async () => {
    const { stdout, stderr, status } = await alone('pool-list');
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toContain("kvmnet has no command 'pool-list', and virsh is not installed");
    expect(stderr).toContain(
      'hint: install it: apt-get install libvirt-clients (Debian, Ubuntu), dnf install libvirt-client (Fedora, RHEL)',
    );
  });

  it('ends where the virsh in $PATH is a script that starts kvmnet', async () => {
    const env = { ...driver, PATH: `${folder}/loop:${folder}/node` };
    const { stderr, status } = await startKvmnet(['virsh', 'pool-list'], { env }).outcome;
    expect(status).toBe(1);
    expect(stderr).toContain("kvmnet has no command 'pool-list'");
  });

  it('has a help of its own where virsh is not installed', async () => {
    const [all, one, option, group, missing, usage, version] = await Promise.all([
      alone('help'),
      alone('help', 'net-info'),
      alone('net-info', '--help'),
      alone('help', 'network'),
      alone('help', 'nosuch'),
      alone('--help'),
      alone('-v'),
    ]);
    expect(all.stdout).toContain(" Networking (help keyword 'network'):\n");
    expect(one.stdout).toMatch(/^ {2}NAME\n {4}net-info - .*\n\n {2}SYNOPSIS\n {4}net-info <network>\n/);
    expect(option).toEqual(one);
    expect(group.stdout).toMatch(/^ Networking \(help keyword 'network'\):\n {4}net-list {23}list networks\n/);
    expect(missing).toMatchObject({ stderr: "error: command or command group 'nosuch' doesn't exist\n", status: 1 });
    expect(usage.stdout).toContain('-k | --keepalive-interval=NUM');
    expect(version).toEqual(await run('virsh', ['-v']));
  });

  it.each([['VIRSH_DEFAULT_CONNECT_URI'], ['LIBVIRT_DEFAULT_URI']])(
    'takes the default connection from $%s',
    async (name) => {
      const options = { env: { [name]: 'test:///default' } };
      const [uri, failing] = await Promise.all(
        [['uri'], ['net-info', 'nosuch']].map((words) => startKvmnet(['virsh', ...words], options).outcome),
      );
      expect(uri).toEqual(await run('virsh', ['uri'], options));
      expect(withoutHints(failing?.stderr ?? '')).toBe((await run('virsh', ['net-info', 'nosuch'], options)).stderr);
    },
  );

  it('does not read it from $KVMNET_URI, just as the real virsh does not', async () => {
    const { status } = await startKvmnet(['virsh', '-q', 'list'], {
      env: { KVMNET_URI: 'test:///default', LIBVIRT_DEFAULT_URI: 'test:///nosuch' },
    }).outcome;
    expect(status).toBe(1);
  });

  it('passes a signal on to the real virsh, and returns the status that a shell would', async () => {
    const { process: child, outcome } = startKvmnet([
      ...['virsh', '-c', 'test:///default'],
      ...['event', '--all', '--loop'],
    ]);
    const pid = String(child.pid);
    await waitFor('virsh to run', async () => (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')) !== '');
    child.kill('SIGTERM');
    expect((await outcome).status).not.toBe(0);
  });

  it.each([
    ['list', 'kvmnet vm list; or kvmnet virsh list, as virsh has it'],
    ['list --all', 'kvmnet vm list; or kvmnet virsh list, as virsh has it'],
    ['dumpxml VM1', 'kvmnet vm xml VM; or kvmnet virsh dumpxml VM1, as virsh has it'],
    ['pool-list', 'kvmnet virsh pool-list, as virsh has it'],
    ['brctl show', 'kvmnet bridge list'],
    ['brctl addif br0 eth0', 'kvmnet bridge add-port BRIDGE NIC'],
    ['vconfig add eth0 5', 'kvmnet vlan create NIC ID'],
    ['ifconfig', 'kvmnet host show'],
    ['route -n', 'kvmnet host show'],
    ['iptables -L', 'kvmnet host show'],
    ['net dumpxml default', 'kvmnet net xml NET'],
    ['vm shutdown VM1', 'kvmnet vm stop VM'],
  ])('answers the habit %s with the command to type', async (line, hint) => {
    const { stdout, stderr, status } = await kvmnet(line.split(' '));
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^error: unknown command '/);
    expect(stderr).toContain(`\nhint: type ${hint}\n`);
  });
});
