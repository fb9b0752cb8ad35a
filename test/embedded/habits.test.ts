/** Command lines that users type by habit or mistake, or paste from other programs. */
import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { commandText, isExecutable, kvmnet, run, type Outcome } from '../helpers/host.ts';

const uri = ['-c', 'test:///default'];
const driver = (...args: readonly string[]): Promise<Outcome> => kvmnet([...uri, ...args]);
const script = (...lines: readonly string[]): Promise<Outcome> =>
  kvmnet([...uri, 'shell'], { stdin: `${lines.join('\n')}\n` });

describe('a command that kvmnet does not have', () => {
  it.each([
    ['help nosuch', "unknown command 'nosuch'", 'kvmnet --help lists the commands'],
    ['help net lsit', "unknown command 'net lsit'", 'did you mean kvmnet net list? See kvmnet net --help'],
    ['net lsit', "unknown command 'net lsit'", 'did you mean kvmnet net list? See kvmnet net --help'],
    ['ner list', "unknown command 'ner'", 'did you mean kvmnet net? See kvmnet --help'],
    ['net destroy default', "unknown command 'net destroy'", 'type kvmnet net stop NET'],
    ['bridge addif br0 eno1', "unknown command 'bridge addif'", 'type kvmnet bridge add-port BRIDGE NIC'],
    ['vlan add eno1 10', "unknown command 'vlan add'", 'type kvmnet vlan create NIC ID'],
    ['vm info test', "unknown command 'vm info'", 'type kvmnet vm show VM'],
    [
      'undefine VM1',
      "unknown command 'undefine'",
      'type kvmnet vm delete VM; or kvmnet virsh undefine VM1, as virsh has it',
    ],
    ['version', "unknown command 'version'", 'type kvmnet --version; or kvmnet virsh version, as virsh has it'],
  ])('is an error with the right one: %s', async (line, message, hint) => {
    expect(await driver(...line.split(' '))).toEqual({
      stdout: '',
      stderr: `error: ${message}\nhint: ${hint}\n`,
      status: 2,
    });
  });

  it.each([
    ['net ls', 'net list'],
    ['net list --all', 'net list'],
    ['vm ls --all', 'vm list'],
    ['help net ls', 'net list --help'],
  ])('may be another word for one: %s is %s', async (typed, meant) => {
    const outcome = await driver(...typed.split(' '));
    expect(outcome.status).toBe(0);
    expect(outcome).toEqual(await driver(...meant.split(' ')));
  });

  it('may be rm', async () => {
    expect((await script('net rm default --yes', 'net list -o name')).stdout).toBe('deleted default\n');
  });
});

describe('a slip in a command line', () => {
  it.each([
    [
      'net create a b --nat auto',
      'too many arguments: kvmnet net create takes 1, not 2',
      'see kvmnet net create --help',
    ],
    [
      'net create --subnet 10.9.0.0/24',
      "unknown option '--subnet'",
      'did you mean --nat CIDR? See kvmnet net create --help',
    ],
    [
      'bridge create br0 --persist --for ifupdown',
      "unknown option '--for'",
      'did you mean --persist MANAGER? See kvmnet bridge create --help',
    ],
    [
      'net list -o xml',
      "--output: 'xml' is not one of table, json, yaml, csv, markdown, name, dot, mermaid, svg, html",
      'see kvmnet net list --help',
    ],
    ['net create lab --nat', '--nat needs a value: --nat CIDR|auto', 'see kvmnet net create --help'],
    ['history --limit 5', "unknown option '--limit'", 'did you mean --last N? See kvmnet history --help'],
    ['net list --jsn', "unknown option '--jsn'", 'did you mean --json? See kvmnet net list --help'],
    [
      'net create lab –nat auto',
      "'–nat' begins with a dash that is not a hyphen",
      'web pages and word processors change hyphens: type --nat',
    ],
    [
      'net create --nat 192.168.133.0/255.255.255.0',
      '--nat 192.168.133.0/255.255.255.0: a subnet is ADDRESS/PREFIX',
      'did you mean --nat 192.168.133.0/24?',
    ],
    ['net create --nat 10.0.0.0', '--nat 10.0.0.0: a subnet is ADDRESS/PREFIX', 'did you mean --nat 10.0.0.0/8?'],
    [
      'vm attach default test',
      'no domain "default"',
      'default is a network, and test a domain: kvmnet vm attach test default',
    ],
    [
      'vm move default 0 test',
      'no domain "default"',
      'default is a network, and test a domain: kvmnet vm move test 0 default',
    ],
  ])('is named, with what was meant: %s', async (line, message, hint) => {
    expect(await driver(...line.split(' '))).toEqual({
      stdout: '',
      stderr: `error: ${message}\nhint: ${hint}\n`,
      status: 2,
    });
  });

  it.each([
    ['net help create', 'help net create'],
    ['net help', 'help net'],
  ])('is none where help stands within a group: %s', async (typed, meant) => {
    expect(await driver(...typed.split(' '))).toEqual(await driver(...meant.split(' ')));
    expect((await driver(...typed.split(' '))).status).toBe(0);
  });

  it('is not corrected after --', async () => {
    expect((await driver('net', 'show', '--', '–nat')).stderr).toMatch(/^error: no network /);
  });

  it('explains that option letters are ASCII', async () => {
    expect((await driver('net', 'create', 'büro', '--isolated')).stderr).toContain('has only ASCII letters, digits');
  });
});

describe('kvmnet without a command', () => {
  it.each([[[]], [['net']]])('shows its help as an error, and nothing below it: %j', async (words) => {
    const { stdout, stderr, status } = await kvmnet(words);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^Usage: kvmnet /);
    expect(stderr).not.toContain('error:');
  });

  it.each(['--version', '-V'])('prints the versions with %s', async (flag) => {
    const { stdout, stderr, status } = await kvmnet([flag]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(
      /^kvmnet \d+\.\d+\.\d+\nlibvirt \d+\.\d+\.\d+\n(?:Node\.js|Bun) \d+\.\d+\.\d+\nkoffi \d+\.\d+\.\d+\n$/,
    );
    expect(stdout).toContain(isExecutable ? 'Bun' : `Node.js ${process.versions.node}\n`);
  });
});

describe('a host that does not exist', () => {
  it.each(['path test outside', 'isolation', 'bridge list'])('is one error without a warning: %s', async (line) => {
    const { stderr, status } = await driver(...line.split(' '));
    expect({ stderr, status }).toEqual({
      stderr: expect.stringMatching(/^error: test:\/\/\/default is libvirt's test driver.*\nhint: .*\n$/) as unknown,
      status: 2,
    });
  });
});

describe('a report without a name', () => {
  it.each([
    ['net show', 'net show default'],
    ['vm nics', 'vm nics test'],
    ['vm ip', 'vm ip test'],
    ['vm stats', 'vm stats test'],
  ])('is about all: %s', async (all, named) => {
    const outcome = await driver(...all.split(' '), '--json');
    expect(outcome.status).toBe(0);
    const without = (text: string): unknown =>
      JSON.parse(text, (key, value: unknown) => (/^[rt]x[A-Z]/.test(key) ? 'counter' : value));
    expect(without(outcome.stdout)).toEqual(without((await driver(...named.split(' '), '--json')).stdout));
  });

  it('hints at the next command if nothing exists', async () => {
    const { stdout } = await script('-q net delete default --yes', 'net show');
    expect(stdout).toBe('deleted default\nno networks; create one: kvmnet net create --nat auto\n');
  });
});

describe('a change', () => {
  it('is one line with --quiet', async () => {
    expect(await driver('-q', 'net', 'create', 'lab', '--isolated')).toEqual({
      stdout: 'network lab created and started\n',
      stderr: '',
      status: 0,
    });
  });

  it('is reported to end with the command if libvirt keeps it in memory, but not in a shell', async () => {
    const warning = /^warning: test:\/\/\/default is in memory: its changes are lost when this command ends/m;
    expect((await driver('net', 'create', 'lab', '--isolated')).stderr).toMatch(warning);
    expect((await script('net create lab --isolated')).stderr).toBe('');
  });

  it('names the first ten of what needs consent, and the number of the others', async () => {
    const vms = Array.from({ length: 12 }, (_, index) => index);
    const { stderr } = await script(
      'net create lab --isolated',
      ...vms.map(() => 'vm attach test lab --config --model virtio'),
      'net delete lab',
    );
    const [, asked = ''] = stderr.split('needs your consent:\n');
    const lines = asked.split('\n');
    expect(lines[10]).toBe('and 2 more: --dry-run lists them all');
    expect(lines.slice(0, 10).every((line) => line.startsWith('test will not start again without network lab: '))).toBe(
      true,
    );
  });

  it('mentions a NIC that is in the same network already', async () => {
    const { stderr } = await script('vm attach test default --config --model virtio');
    expect(stderr).toMatch(/^warning: test already has a NIC in default \(aa:bb:cc:dd:ee:ff\): this is one more$/m);
  });

  it('quotes a name with a space in the command that it suggests', async () => {
    const folder = await mkdtemp(`${tmpdir()}/kvmnet-habits-`);
    await writeFile(`${folder}/host.xml`, '<node><network><name>my net</name></network></node>');
    const on = ['-c', `test://${folder}/host.xml`];
    const lost = await kvmnet([...on, 'net', 'show', 'my nett']);
    await rm(folder, { recursive: true });
    expect(lost.stderr).toMatch(/^hint: did you mean 'my net'\?$/m);
  });
});

describe('at a terminal', () => {
  /** In a terminal of script(1), with all that is sent to it. */
  const atScreen = async (line: string, size: string, env: Record<string, string> = {}): Promise<string> => {
    const command = `stty ${size}; exec ${commandText} -c test:///default ${line}`;
    const { stdout } = await run('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { TERM: 'xterm', ...env },
    });
    return stdout.replaceAll('\r', '');
  };

  it('a table has colors, and none with --no-color or NO_COLOR', async () => {
    const size = 'cols 150 rows 40';
    expect(await atScreen('net list', size)).toContain('\u001b[32mactive\u001b[39m');
    expect(await atScreen('net list --no-color', size)).not.toContain('\u001b[');
    expect(await atScreen('net list', size, { NO_COLOR: '1' })).not.toContain('\u001b[');
    expect(await atScreen('net show nosuch', size)).toContain('\u001b[1m\u001b[31merror:');
  });

  it('a table fits', async () => {
    const text = await atScreen('net list --no-color', 'cols 50 rows 40');
    expect(text.split('\n')[0]).toBe('Name     State   Kind  Bridge  Subnet');
  });

  it('long output goes through the pager of the user, and short output does not', async () => {
    const pager = { KVMNET_PAGER: 'sed s/^/paged:/' };
    const size = 'cols 200 rows 10';
    expect(await atScreen('--help', size, pager)).toContain('paged:Usage: kvmnet');
    expect(await atScreen('net xml default', size, pager)).toContain('paged:');
    expect(await atScreen('net list', size, pager)).not.toContain('paged:');
    expect(await atScreen('net xml default --no-pager', size, pager)).not.toContain('paged:');
    expect(await atScreen('net xml default', size, { KVMNET_PAGER: 'no-such-pager' })).toContain('</network>');
  });
});
