import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { journalFiles, journalFolder } from '../../helpers/fault/fault.ts';
import { kvmnet, must, run, start } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { killedBefore, kvmnetAs, kvmnetBy, runAs } from '../../helpers/user.ts';
import { waitFor } from '../../helpers/wait.ts';
import { besideOthers, done, lockFile, newest, other, words, writeAs } from './users.ts';

onPrivateHost('the journal of a host', () => {
  besideOthers();

  describe('is in directories that root makes', () => {
    it('for root and the members of group libvirt, and for no other user', async () => {
      const looks = ['/var/lib/kvmnet', journalFolder, '/var/lib/kvmnet/files', lockFile];
      const told = await must('stat', ['-c', '%n %A %U:%G', ...looks]);
      expect(told).toBe(
        `/var/lib/kvmnet drwxr-xr-x root:root\n${journalFolder} drwxrws--T root:libvirt\n` +
          `/var/lib/kvmnet/files drwx------ root:root\n${lockFile} -rw-r----- root:libvirt\n`,
      );
    });

    it('and opens what was root alone', async () => {
      await must('chmod', ['0700', '/var/lib/kvmnet']);
      await must('chmod', ['0700', journalFolder]);
      const [first = ''] = await journalFiles();
      await must('chmod', ['0600', `${journalFolder}/${first}`]);
      await done('root', ...words('net autostart by --disable'));
      await done('root', ...other);
      expect((await stat(journalFolder)).mode & 0o7777).toBe(0o3770);
      const { stdout } = await kvmnetAs('alice', ['history']);
      expect(stdout).toMatch(/root +done +net create by /);
    });

    it('in which no member changes what another wrote', async () => {
      await done('alice', ...words('net autostart by --disable'));
      await done('alice', ...other);
      const { path } = await newest();
      expect(await must('stat', ['-c', '%A %U:%G', path])).toBe('-rw-r----- alice:libvirt\n');
      for (const line of [`mv ${path} ${path}.x`, `rm -f ${path}`, `touch ${path}`, `cp /dev/null ${path}`]) {
        const [program = '', ...args] = words(line);
        expect({ line, status: (await runAs('bob', program, args)).status }).not.toEqual({ line, status: 0 });
      }
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ user: 'alice', command: 'net autostart by' });
    });
  });

  it('shows each user all changes with their users', async () => {
    for (const user of ['root', 'alice', 'bob'] as const) {
      await done(user, ...words(`net create of-${user} --isolated --no-start`));
    }
    for (const user of ['root', 'alice', 'bob'] as const) {
      const { stdout } = await done(user, ...words('history --last 3 --json'));
      expect(JSON.parse(stdout)).toMatchObject([
        { number: 1, user: 'bob', command: 'net create of-bob --isolated --no-start', undoable: true },
        { number: 2, user: 'alice', title: 'create network of-alice' },
        { number: 3, user: 'root', outcome: 'done' },
      ]);
    }
    await done('root', ...words('net delete of-root of-alice of-bob'));
  });

  it('shows the user who made a change, by the owner of the file', async () => {
    await done('alice', ...words('net create claimed --isolated --no-start'));
    const { path } = await newest();
    const entry = JSON.parse(await readFile(path, 'utf8'));
    await writeAs('alice', path.slice(journalFolder.length + 1), { ...entry, user: 'root' });
    const { stdout } = await done('bob', ...words('history --last 1 --json'));
    expect(JSON.parse(stdout)).toMatchObject([{ user: 'alice' }]);
    await done('alice', ...words('net delete claimed'));
  });

  describe('of which root runs nothing but calls of libvirt for others', () => {
    const id = '00000001-2020-01-01T000000.000Z-1';
    const step = { title: 's', undo: [], verify: { expect: 'file', path: '/etc/evil', text: 'x' } };
    const document = {
      version: 1,
      process: { pid: 1, started: '', boot: '' },
      user: 'root',
      uri: 'qemu:///system',
      command: 'x',
      inputs: [],
      title: 'x',
    };
    const write = { call: 'hostWriteFile', path: '/etc/kvmnet-evil', text: 'x', mode: 420 };
    const link = { call: 'hostLinks', commands: [['link', 'add', 'evil0', 'type', 'dummy']] };
    const start = { call: 'networkStart', network: 'x' };
    const confirm = { within: 60, deadline: 1e9, until: '2030-01-01T00:00:00.000Z' };

    it.each([
      ['running', 'a file', { steps: [{ ...step, do: write }] }],
      ['partial', 'a link', { steps: [{ ...step, do: link, undo: [link] }] }],
      ['running', 'a way back that is a link', { steps: [{ ...step, do: start, undo: [link] }] }],
      ['running', 'steps of its own', { steps: [], subjects: ['/etc/evil'] }],
      ['unconfirmed', 'a confirmation', { steps: [{ ...step, do: start }], confirm }],
    ])('%s: %s', async (outcome, _, more) => {
      const path = await writeAs('alice', `${id}.1.${outcome}.json`, { ...document, ...more });
      await writeAs('alice', `${id}.steps`, {});
      const refused = await kvmnet(other);
      expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(path) });
      expect(refused.stderr).toContain("it has what only root's changes have, and is alice's");
      expect(await kvmnet([...other, '--yes'])).toMatchObject({
        status: 0,
        stderr: `warning: set aside: ${path}.aside\n`,
      });
      expect((await run('ls', ['/etc/kvmnet-evil'])).status).not.toBe(0);
      expect((await run('ip', ['link', 'show', 'dev', 'evil0'])).status).not.toBe(0);
      await rm(`${path}.aside`);
    });

    it('nor takes another file for an entry of its own', async () => {
      const [name = ''] = (await journalFiles()).filter((each) => each.endsWith('.done.json'));
      const [own = ''] = name.split(/\.\d+\.done/);
      const path = await writeAs('alice', `${own}.0.running.json`, { ...document, steps: [] });
      const accepted = await kvmnet([...other, '--yes']);
      expect(accepted).toMatchObject({ status: 0, stderr: `warning: set aside: ${path}.aside\n` });
      await rm(`${path}.aside`);
    });
  });

  describe('of root that changes files and links of the host', () => {
    let root = '';
    const secret = 'correct-horse-battery';

    beforeAll(async () => {
      root = await mkdtemp(`${tmpdir()}/kvmnet-shared-`);
      await mkdir(`${root}/etc/network`, { recursive: true });
      await writeFile(
        `${root}/etc/network/interfaces`,
        `auto wlan0\niface wlan0 inet dhcp\n    wpa-psk ${secret}\nauto br7\niface br7 inet dhcp\n    bridge_ports none\n`,
      );
      for (const line of ['link add br7 type bridge', 'address add 192.168.77.1/24 dev br7', 'link set br7 up']) {
        await must('ip', words(line));
      }
    });
    afterAll(async () => {
      await must('ip', words('link delete br7'));
      await rm(root, { recursive: true });
    });

    const persist = (): readonly string[] => words(`host persist --device=br7 --for=ifupdown --root=${root} --write`);

    it('hides keys from members, and shows them the rest', async () => {
      await done('root', ...persist());
      const { id } = await newest();
      const steps = `${journalFolder}/${id}.steps`;
      expect(await readFile(steps, 'utf8')).toContain(secret);
      expect((await stat(steps)).mode & 0o777).toBe(0o600);
      expect((await runAs('alice', 'grep', ['-r', secret, journalFolder])).stdout).toBe('');
      const { stdout } = await done('alice', ...words('history --last 1 --json --steps'));
      expect(stdout).not.toContain(secret);
      expect(JSON.parse(stdout)).toMatchObject([
        {
          user: 'root',
          command: persist().join(' '),
          outcome: 'done',
          undoable: true,
          subjects: expect.arrayContaining([`${root}/etc/network/interfaces`]),
        },
      ]);
    });

    it('is not undone by a member, which is reported before any change', async () => {
      const { status, stdout, stderr } = await kvmnetAs('alice', ['undo', '--yes']);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(
        /^error: only root may undo "write the host's devices for ifupdown", a change of root\nhint: .*sudo/,
      );
      await done('root', 'undo', '--yes');
      expect(await readFile(`${root}/etc/network/interfaces`, 'utf8')).toContain(secret);
    });

    it('is left to root where it broke off, and holds up nothing else', async () => {
      await killedBefore(`^${root}/etc/network/interfaces`, 'root', persist());
      const { status, stderr } = await kvmnetAs('alice', other);
      expect(status).toBe(0);
      expect(stderr).toBe(
        `an earlier run of root broke off in the middle of "write the host's devices for ifupdown": only root can undo it; ` +
          `sudo kvmnet ${persist().join(' ')} finishes it, any other change by root undoes it first\n`,
      );
      const next = await done('root', ...other);
      expect(next.stderr).toContain(': undoing it\n');
      expect((await kvmnetAs('alice', other)).stderr).toBe('');
    });

    it('holds up members while it awaits confirmation', async () => {
      await done('root', ...words('bridge create br8 --confirm-within 300'));
      const { status, stdout, stderr } = await kvmnetAs('alice', words('net autostart by --disable'));
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^error: "create bridge br8" by root is awaiting confirmation \(\d+ s left\)/);
      expect(stderr).toMatch(/^hint: sudo kvmnet confirm keeps it, sudo kvmnet rollback/m);
      expect((await kvmnetAs('alice', ['net', 'list'])).stderr).toContain('sudo kvmnet confirm');
      await done('root', 'rollback');
      await waitFor('the watchdog to end', async () => (await must('ls', ['/var/lib/kvmnet/watch'])) === '');
    });
  });

  describe('keeps the last 200 entries', () => {
    const filesOf = async (id: string): Promise<readonly string[]> =>
      (await journalFiles()).filter((name) => name.startsWith(id));

    it('and an entry some of whose files a user may not remove: root removes it', async () => {
      await done('alice', ...words('net create mixed --isolated --no-start'));
      const { id, path } = await newest();
      await done('bob', ...words('undo --yes'));
      const files = await filesOf(id);
      expect(files).toContainEqual(expect.stringMatching(/\.undone\.mark$/));
      const many = `for n in $(seq 1 210); do cp ${path} $(printf '${journalFolder}/%08d-2026-01-01T000000.000Z-1.1.done.json' $((90000 + n))); done`;
      expect(await runAs('alice', 'sh', ['-c', many])).toMatchObject({ status: 0 });
      await done('alice', ...words('net autostart by --disable'));
      expect(await filesOf(id)).toEqual(files);
      await done('root', ...words('net autostart by'));
      expect(await filesOf(id)).toEqual([]);
      expect((await journalFiles()).filter((name) => name.endsWith('.done.json'))).toHaveLength(200);
    });
  });

  describe('has a lock', () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
    const holders: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const end of holders.splice(0)) await end();
    });

    /** Holds a lock by one process, until the test has ended. */
    async function hold(path: string, ...as: readonly string[]): Promise<void> {
      const [program = '', ...args]: readonly string[] = [...as, 'flock', '--no-fork', path, 'sleep', '600'];
      const { process: holder, outcome } = start(program, args);
      holders.push(async () => {
        holder.kill('SIGKILL');
        await outcome;
      });
      await waitFor('the lock to be held', async () => (await must('cat', ['/proc/locks'])).includes(' FLOCK '));
    }

    it('that users outside group libvirt cannot hold', async () => {
      const [program, ...as] = nobody;
      expect((await run(program, [...as, 'flock', lockFile, 'true'])).status).not.toBe(0);
      await hold('/run/libvirt', ...nobody);
      await done('root', ...words('net autostart by --disable --timeout 60'));
      await done('alice', ...words('net autostart by --timeout 60'));
    });

    it('that is the same for every KVMNET_STATE_DIR', async () => {
      await hold(lockFile);
      for (const KVMNET_STATE_DIR of ['/run/kvmnet-elsewhere', undefined]) {
        const args = words('net autostart by --disable --timeout 15');
        const { status, stderr } = await kvmnetBy('root', args, { env: { KVMNET_STATE_DIR } });
        expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/is changing this host/) });
      }
    });
  });
});
