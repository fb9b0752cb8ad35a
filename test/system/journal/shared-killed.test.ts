import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { journalFiles, journalFolder } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../../helpers/snapshot.ts';
import { killedBefore, kvmnetBy, type User } from '../../helpers/user.ts';
import { besideOthers, done, killed, other, words } from './users.ts';

const mac = '52:54:00:00:44:01';
const nic = `<interface type='network'><mac address='${mac}'/><source network='k1'/><model type='virtio'/></interface>`;

onPrivateHost('the journal of a host', () => {
  besideOthers();

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
});
