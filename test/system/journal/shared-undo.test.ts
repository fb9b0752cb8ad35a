import { describe, expect, it } from '@jest/globals';
import { kvmnet, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { kvmnetAs, kvmnetBy } from '../../helpers/user.ts';
import { besideOthers, done, words } from './users.ts';

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
