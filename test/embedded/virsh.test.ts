import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnet, run } from '../helpers/host.ts';
import { more, networks } from '../helpers/virsh/networks.ts';
import { byKvmnet, byVirsh, documents, wordsOf, type Line } from '../helpers/virsh/parity.ts';

// Each run has a host of its own: libvirt's test driver lives in the process.
const uri = ['-c', 'test:///default'];
const eth =
  "<interface type='ethernet' name='eth7'><start mode='onboot'/><mac address='52:54:00:cc:00:07'/><protocol family='ipv4'><dhcp/></protocol></interface>";

describe("virsh's names on libvirt's test driver", () => {
  let files: Awaited<ReturnType<typeof documents<keyof typeof networks | keyof typeof more | 'eth'>>>;

  beforeAll(async () => {
    files = await documents({ ...networks, ...more, eth });
  });

  afterAll(() => files.remove());

  const place = (text: string): string => text.replaceAll(/@(\w+)/g, (_, name: 'eth') => files.path(name));

  const lines: readonly Line[] = [
    ...[
      'net-list',
      'net-list --all',
      'net-info default',
      'net-dumpxml default',
      'net-dumpxml default --inactive',
      'net-uuid default',
    ],
    ...[
      'net-dhcp-leases default',
      'net-port-list default',
      'nwfilter-list',
      'nwfilter-binding-list',
      'net-info nosuch',
    ],
    ...[
      'net-start default',
      'net-destroy default',
      'net-autostart default',
      'net-undefine default',
      'net-define @fresh',
      'net-create @fresh',
    ],
    ...[
      'iface-list',
      'iface-list --all',
      'iface-list --inactive',
      'iface-mac eth1',
      'iface-name aa:bb:cc:dd:ee:ff',
      'iface-dumpxml eth1',
    ],
    ...[
      'iface-define @eth',
      'iface-define @eth --validate',
      'iface-define @fresh',
      'iface-undefine eth1',
      'iface-start eth1',
    ],
    ...[
      'iface-begin',
      'iface-commit',
      'iface-rollback',
      'iface-bridge eth1 br7',
      'iface-bridge eth1 eth1',
      'iface-bridge eth1 br7 --no-stp',
    ],
    [
      'net-define @fresh; net-start fresh; net-list; net-info fresh; net-destroy fresh; net-undefine fresh; net-list --all',
    ],
    [
      'net-destroy default; net-start default; net-autostart default; net-list; net-autostart default --disable; net-list',
    ],
    ['net-create @passing; net-list --transient; net-destroy passing; net-list --all'],
    ['net-define @changed; net-dumpxml nat1 --xpath domain; net-undefine nat1'],
    ["net-update default add ip-dhcp-host \"<host mac='52:54:00:00:00:01' ip='192.168.122.7'/>\"; net-dumpxml default"],
    [
      'iface-define @eth; iface-list --all; iface-start eth7; iface-list; iface-destroy eth7; iface-list --inactive; iface-undefine eth7',
    ],
    ['iface-begin; iface-define @eth; iface-list --all; iface-rollback; iface-list --all'],
    ['iface-begin; iface-undefine eth1; iface-commit; iface-list --all; iface-rollback'],
    ['iface-begin; iface-begin'],
    [
      'iface-define @eth; iface-bridge eth7 br7 --delay 5; iface-list --all; iface-dumpxml br7; iface-unbridge br7; iface-dumpxml eth7',
    ],
    ['iface-define @eth; iface-bridge eth7 br7 --no-start --no-stp; iface-list --all; iface-dumpxml br7'],
    ['iface-define @eth; iface-bridge eth7 br7; iface-bridge br7 br8; iface-unbridge br7 --no-start; iface-list --all'],
    ['-q', 'iface-define @eth; iface-bridge eth7 br7; iface-unbridge br7; iface-list --all'],
    ['iface-unbridge eth1'],
  ];

  it.each(lines.map((line) => [JSON.stringify(line), line] as const))(
    'print and return what virsh does: %s',
    async (_title, line) => {
      const words = [...uri, ...wordsOf(line).map(place)];
      expect(await byKvmnet(words)).toEqual(await byVirsh(words));
    },
  );

  it('take the URI from $LIBVIRT_DEFAULT_URI', async () => {
    const options = { env: { LIBVIRT_DEFAULT_URI: 'test:///default' } };
    const expected = await byVirsh('net-list', options);
    expect(expected.stdout).toContain('default');
    expect(await byKvmnet('net-list', options)).toEqual(expected);
  });

  it('print nothing on stdout if the named URI cannot be opened, and a blank line if the default cannot', async () => {
    const options = { env: { LIBVIRT_DEFAULT_URI: 'test:///nosuch/file' } };
    for (const line of ['net-list', '-q net-list', '-c test:///nosuch/file net-list']) {
      expect(await byKvmnet(line, options)).toEqual(await byVirsh(line, options));
    }
  });

  it('print the time that a command took with -t', async () => {
    const time = /^([^]*)\n\(Time: \d+\.\d{3} ms\)\n\n$/;
    for (const line of ['-t net-list', '-qt net-list', '--timing net-info nosuch']) {
      const [mine, theirs] = await Promise.all([
        byKvmnet([...uri, ...wordsOf(line)]),
        byVirsh([...uri, ...wordsOf(line)]),
      ]);
      expect({ ...mine, stdout: time.exec(mine.stdout)?.[1] }).toEqual({
        ...theirs,
        stdout: time.exec(theirs.stdout)?.[1],
      });
    }
  });

  it('report success of iface-destroy, for which virsh 9.0 reports failure', async () => {
    const { stdout, status } = await byKvmnet([...uri, 'iface-destroy', 'eth1']);
    expect({ stdout, status }).toEqual({ stdout: 'Interface eth1 destroyed\n\n', status: 0 });
  });

  describe('beyond virsh', () => {
    const json = async (...words: readonly string[]): Promise<unknown> => {
      const { stdout, status } = await kvmnet([...uri, ...words]);
      expect(status).toBe(0);
      return JSON.parse(stdout);
    };

    it('print JSON, before or behind the name', async () => {
      const list = [{ name: 'default', active: true, autostart: false, persistent: true }];
      expect(await json('--json', 'net-list')).toMatchObject(list);
      expect(await json('net-list', '--json')).toMatchObject(list);
      expect(await json('net-list', '-o', 'json')).toMatchObject(list);
      expect(await json('net-info', 'default', '--json')).toMatchObject({ name: 'default', bridge: 'virbr0' });
      expect(await json('net-define', files.path('fresh'), '--json')).toMatchObject({ network: 'fresh' });
    });

    it('print csv and columns of a table', async () => {
      expect(await byKvmnet([...uri, 'net-list', '-o', 'csv'])).toEqual({
        stdout: 'Name,State,Autostart,Persistent\ndefault,active,no,yes\n',
        status: 0,
      });
      expect((await byKvmnet([...uri, '--columns', 'state', 'net-list'])).stdout).toBe('State\nactive\n');
    });

    it('print errors as JSON', async () => {
      const { stdout, stderr, status } = await kvmnet([...uri, 'net-info', 'defalt', '--json']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NOTFOUND', hint: 'did you mean default?' } });
    });

    it('suggest the nearest names of networks, options and commands', async () => {
      const hint = async (...words: readonly string[]): Promise<string> => (await kvmnet([...uri, ...words])).stderr;
      expect(await hint('net-info', 'defalt')).toBe('error: no network "defalt"\nhint: did you mean default?\n');
      expect(await hint('net-list', '--inactve')).toContain('did you mean --inactive?');
      expect(await hint('net-update', 'default', 'ad', 'ip-dhcp-host', '<host/>')).toContain('did you mean add');
      expect(await hint('net-update', 'default', 'add', 'ip-dhcp-hosts', '<host/>')).toContain(
        'did you mean ip-dhcp-host?',
      );
      expect(await hint('net-list; net-lst')).toContain('did you mean net-list');
    });

    it('show with --dry-run what would be done, and do nothing', async () => {
      const { stdout, status } = await kvmnet([...uri, `net-define ${files.path('fresh')} --dry-run; net-list --all`]);
      expect(status).toBe(0);
      expect(stdout).toContain('define network fresh');
      expect(stdout).toContain("<bridge name='pfresh' stp='off' delay='0'/>".replaceAll("'", '"'));
      expect(stdout).not.toContain('fresh     inactive');
      const undefine = await kvmnet([...uri, 'iface-undefine eth1 --dry-run; iface-list']);
      expect(undefine.stdout).toMatch(
        /^undefine interface eth1, in one step; nothing is done with --dry-run\n[^]* eth1 {3}active/,
      );
    });

    it('warn of what kvmnet itself would refuse, and do what virsh does', async () => {
      const { stderr, status } = await kvmnet([
        ...uri,
        `net-define ${files.path('nat1')}; net-define ${files.path('overlap')}`,
      ]);
      expect(status).toBe(0);
      expect(stderr).toMatch(/^warning: .*192\.168\.171\.0\/24.*nat1/m);
    });

    it.each([
      ['net-desc default'],
      ['net-desc default --title --new-desc a short text'],
      ['net-metadata default http://example.org/x'],
      ['net-metadata default http://example.org/x --key k --set <a/>'],
      ['net-list --title'],
    ])('need libvirt 9.7 for %s, and report an older one', async (line) => {
      const { stdout: version } = await run('virsh', ['-v']);
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const { stdout, stderr, status } = await kvmnet([...uri, ...wordsOf(line)]);
      const refused = stderr.startsWith(
        'error: a title, description or metadata of a network needs libvirt 9.7, this is ',
      );
      const isOlder = major * 1000 + minor < 9007;
      expect({ refused, failed: status === 1 && stdout === '\n' }).toEqual({
        refused: isOlder,
        failed: isOlder || expect.any(Boolean),
      });
    });

    it('take standard input for a file', async () => {
      const { stdout, status } = await kvmnet([...uri, 'net-define', '-'], { stdin: more.fresh });
      expect({ stdout, status }).toEqual({ stdout: 'Network fresh defined from -\n\n', status: 0 });
    });

    it('have a help of their own, and one line in the help of kvmnet', async () => {
      const [all, virsh, one, other] = await Promise.all(
        [['--help'], ['help', 'virsh'], ['help', 'net-update'], ['net-update', '--help']].map((words) => kvmnet(words)),
      );
      expect(all?.stdout).toMatch(/^ {2}virsh +Run a command as virsh does/m);
      expect(all?.stdout).not.toContain('net-dumpxml');
      for (const name of ['net-list', 'net-port-delete', 'iface-rollback', 'nwfilter-binding-list']) {
        expect(virsh?.stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
      }
      expect(one?.stdout).toContain('Usage: kvmnet net-update [options] <network> <command> <section> <xml>');
      expect(one?.stdout).toContain('--parent-index <NUMBER>');
      expect(other?.stdout).toBe(one?.stdout);
    });

    it('run behind the word virsh too', async () => {
      expect(await byKvmnet([...uri, 'virsh', 'net-list'])).toEqual(await byVirsh([...uri, 'net-list']));
    });
  });
});
