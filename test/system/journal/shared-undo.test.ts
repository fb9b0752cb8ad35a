import { describe, expect, it } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { kvmnet, must, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { kvmnetAs, kvmnetBy } from '../../helpers/user.ts';
import { besideOthers, done, newest, words } from './users.ts';

onPrivateHost('the journal of a host', () => {
  besideOthers();

  describe('whose changes a user undoes', () => {
    it('asks where another user made the change, and names that user and the time', async () => {
      await done('root', ...words('net create asked --isolated --no-start'));
      const asked = await kvmnetAs('alice', ['undo']);
      expect(asked).toMatchObject({ status: 2, stdout: '' });
      expect(asked.stderr).toMatch(
        /^"create network asked" is a change of root, made at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/m,
      );
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

    it('undoes the newest change by its time, where a journal of their own has entries with higher numbers', async () => {
      await done('root', ...words('net create newest --isolated --no-start'));
      const { path } = await newest();
      const own = '/run/home/alice/.local/state/kvmnet/journal';
      const old = `${own}/00090000-2026-01-01T000000.000Z-4711.1.done.json`;
      await must('install', ['-d', '-o', 'alice', '-m', '0700', own]);
      const entry = JSON.parse(await readFile(path, 'utf8')) as object;
      await writeFile(old, JSON.stringify({ ...entry, user: 'alice', title: 'an old change' }), { mode: 0o600 });
      await must('chown', ['alice', old]);
      try {
        expect((await done('alice', 'undo', '--yes')).stdout).toBe('undone: create network newest\n');
        const { stdout } = await done('alice', ...words('history --json'));
        const titles = (JSON.parse(stdout) as readonly { readonly title: string }[]).map(({ title }) => title);
        expect(titles).toContain('create network newest');
        expect(titles.indexOf('an old change')).toBeGreaterThan(titles.lastIndexOf('create network newest'));
      } finally {
        await rm(old);
      }
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
});
