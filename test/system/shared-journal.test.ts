import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { journalFiles, journalFolder, removeNetworks } from '../helpers/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../helpers/guest.ts';
import { kvmnet, must, run, start, virsh, type Outcome } from '../helpers/host.ts';
import { nicsOf } from '../helpers/nics.ts';
import { onPrivateHost } from '../helpers/private-host.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../helpers/snapshot.ts';
import { killedBefore, kvmnetAs, kvmnetBy, runAs, type User } from '../helpers/user.ts';
import { waitFor } from '../helpers/wait.ts';

const words = (line: string): readonly string[] => line.split(' ');
const killed = 128 + 9;
const lockFile = '/var/lib/kvmnet/lock';

/** Changes nothing, but recovers from an earlier run. */
const other = words('net autostart by');

const mac = '52:54:00:00:44:01';
const nic = `<interface type='network'><mac address='${mac}'/><source network='k1'/><model type='virtio'/></interface>`;

onPrivateHost('the journal of a host', () => {
  async function done(user: User, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await kvmnetBy(user, args);
    expect({ args, status: outcome.status, stderr: outcome.stderr }).toMatchObject({ args, status: 0 });
    return outcome;
  }

  /** The id of the newest entry, and the path of its file. */
  async function newest(): Promise<{ readonly id: string; readonly path: string }> {
    const name = (await journalFiles()).filter((each) => each.endsWith('.json')).at(-1)!;
    return { id: name.split(/\.\d+\.[a-z]+\.json$/)[0]!, path: `${journalFolder}/${name}` };
  }

  /** A document of the journal that a user writes by hand. */
  async function writeAs(user: 'alice' | 'bob', name: string, document: object): Promise<string> {
    const path = `${journalFolder}/${name}`;
    const script = ['-c', 'umask 027; cat >"$0"', path];
    expect(await runAs(user, 'sh', script, { stdin: JSON.stringify(document) })).toMatchObject({ status: 0 });
    return path;
  }

  beforeAll(async () => {
    // Root's first change makes the directories.
    await done('root', ...words('net create by --isolated --bridge-name by0'));
  });

  afterAll(async () => {
    await removeNetworks();
  });

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

  describe('of a run that was killed', () => {
    let before: Snapshot;

    const create = words('net create k9 --open 10.99.9.0/24 --bridge-name k90');
    /** The renames of the journal: the entry, each of three steps, and the end. */
    const renames = ['0.running', '1.running', '2.running', '3.running', '3.done'];

    /** The next change of another user, after which the host is as before the first or as after it. */
    async function expectSettled(by: string, title: string, next: User): Promise<'undone' | 'whole' | 'nothing'> {
      const look = await kvmnetBy(next, ['net', 'list']);
      const { stderr, status } = await kvmnetBy(next, other);
      expect(status).toBe(0);
      if (stderr === '') return 'nothing';
      expect(look.stderr).toContain(`warning: a run of ${by} broke off in the middle of "${title}"; kvmnet `);
      const said = `an earlier run of ${by} broke off in the middle of "${title}": `;
      if (stderr === `${said}all of it was done, and stays\n`) return 'whole';
      expect(stderr).toBe(`${said}undoing it\n`);
      return 'undone';
    }

    beforeAll(async () => {
      // libvirt's first network with NAT leaves its chains for good.
      await done('root', ...create);
      await done('root', ...words('net delete k9'));
      before = await snapshot();
    });

    it.each([
      ['alice', 'bob'],
      ['alice', 'root'],
      ['root', 'alice'],
    ] as const)(
      'is reported to others and undone by their next change: net create of %s, then %s',
      async (by, next) => {
        const ends = [];
        for (const rename of renames) {
          expect((await killedBefore(`/journal/.*\\.${rename}\\.json$`, by, create)).status).toBe(killed);
          const end = await expectSettled(by, 'create network k9', next);
          if (end === 'whole') await done(next, ...words('net delete k9'));
          await expectUnchanged(before);
          ends.push(end);
        }
        expect(ends).toEqual(['nothing', 'undone', 'undone', 'undone', 'whole']);
        expect((await kvmnetBy(by, ['net', 'list'])).stderr).toBe('');
      },
    );

    it('is finished by the same command of another user', async () => {
      await killedBefore('/journal/.*\\.2\\.running\\.json$', 'alice', create);
      const { stderr, stdout } = await done('bob', ...create);
      expect(stderr).toBe('an earlier run of alice broke off in the middle of "create network k9": finishing it\n');
      expect(stdout).toContain('finished what an earlier run began');
      const { stdout: history } = await done('alice', ...words('history --last 1 --json'));
      expect(JSON.parse(history)).toMatchObject([
        { user: 'alice', outcome: 'done', command: 'net create k9 --bridge-name=k90 --open=10.99.9.0/24' },
      ]);
      await done('alice', ...words('net delete k9'));
      await expectUnchanged(before);
    });

    describe('while guests wait', () => {
      let guest: Guest;
      let plugged: Snapshot;
      const restart = words('net restart k1 --yes');

      beforeAll(async () => {
        await done('root', ...words('net create k1 --isolated --bridge-name k10'));
        guest = await makeGuestWithoutSystem('journal-guest', { nics: [nic] });
        plugged = await snapshot();
      });
      afterAll(async () => {
        await guest.remove();
        await done('root', ...words('net delete k1 --yes'));
      });

      const sourceOf = async (): Promise<string> => (await nicsOf('journal-guest'))[0]!.source;

      it.each(['bob', 'root'] as const)('is undone by the next change of %s', async (next) => {
        const { stdout } = await done('alice', ...restart, '--dry-run', '--json');
        const steps = (JSON.parse(stdout) as { steps: readonly object[] }).steps.length;
        const each = Array.from({ length: steps }, (_, index) => `${index + 1}.running`);
        for (const rename of [...each, `${steps}.done`]) {
          const { status } = await killedBefore(`/journal/.*\\.${rename}\\.json$`, 'alice', restart);
          expect({ rename, status }).toEqual({ rename, status: killed });
          await expectSettled('alice', 'restart network k1', next);
          expect(await sourceOf()).toMatch(/^network='k1' /);
          await expectUnchanged(plugged);
        }
      });

      it('is reported by net list and net heal with the command to repair it if the journal is lost', async () => {
        await killedBefore('/journal/.*\\.3\\.running\\.json$', 'alice', restart);
        expect(await sourceOf()).toMatch(/^network='kvmnet-refuge' /);
        for (const name of (await journalFiles()).filter((each) => each.includes('.running.'))) {
          await rm(`${journalFolder}/${name}`);
        }
        const remedy = `kvmnet vm move journal-guest ${mac} k1`;
        for (const user of ['root', 'bob'] as const) {
          expect((await done(user, 'net', 'list')).stderr).toContain(remedy);
          const healed = await kvmnetBy(user, ['net', 'heal', '--yes']);
          expect(healed).toMatchObject({ status: 3, stdout: expect.stringContaining(remedy) });
        }
        await done('bob', ...words(remedy).slice(1));
        await done('bob', ...words('net heal --yes'));
        await expectUnchanged(plugged);
      });
    });
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

  describe('whose changes a user undoes', () => {
    it('asks where another user made the change, and names that user and the time', async () => {
      await done('root', ...words('net create asked --isolated --no-start'));
      const { status, stdout, stderr } = await kvmnetAs('alice', ['undo']);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^"create network asked" is a change of root, made at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/m);
      expect((await done('alice', 'undo', '--yes')).stdout).toBe('undone: create network asked\n');
      const { stdout: history } = await done('root', ...words('history --last 2 --json'));
      expect(JSON.parse(history)).toMatchObject([
        { user: 'alice', outcome: 'done' },
        { user: 'root', outcome: 'undone', command: 'net create asked --isolated --no-start' },
      ]);
      // The user's own are undone without a question.
      await done('alice', ...words('net create asked --isolated --no-start'));
      await done('alice', 'undo');
    });

    it('undoes each change once where alice, bob and root undo at once', async () => {
      const makers = ['alice', 'root', 'bob', 'root', 'root'] as const;
      const undoers = ['bob', 'alice', 'root', 'bob', 'alice'] as const;
      for (let round = 0; round < 20; round += 1) {
        for (const [index, maker] of makers.entries()) {
          const create = words(`net create race${index} --isolated --no-start`);
          expect((await (maker === 'root' ? kvmnet(create) : kvmnetAs(maker, create))).status).toBe(0);
        }
        const outcomes = await Promise.all(undoers.map((user) => kvmnetBy(user, words('undo --yes --timeout 120'))));
        const told = outcomes.map(({ status, stdout, stderr }) => `${status} ${stdout}${stderr}`).sort();
        expect({ round, told }).toEqual({
          round,
          told: makers.map((_, index) => `0 undone: create network race${index}\n`),
        });
      }
      expect((await virsh('net-list', '--all', '--name')).trim()).toBe('by');
    });
  });

  describe('keeps the last 200 entries', () => {
    const filesOf = async (id: string): Promise<readonly string[]> =>
      (await journalFiles()).filter((name) => name.startsWith(id));

    it('and those of which a user may not remove all: root does', async () => {
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
