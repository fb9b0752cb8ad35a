import { afterAll, describe, expect, it } from '@jest/globals';
import { rm, stat, writeFile } from 'node:fs/promises';
import { journalEntry, journalFiles, journalFolder } from '../../helpers/fault/fault.ts';
import { kvmnet, must } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { breakOff, brokeOff, comparedAfterEach, deleteNetwork } from './broken-off.ts';

onPrivateHost('a run that breaks off', () => {
  comparedAfterEach();

  describe('has a journal', () => {
    afterAll(async () => {
      await rm(journalFolder, { recursive: true });
    });

    it('that members of group libvirt can read, in a folder in which only root can change the files of another user', async () => {
      expect(await kvmnet(['net', 'create', 'other', '--isolated', '--no-start'])).toMatchObject({ status: 0 });
      await deleteNetwork('other');
      const files = await journalFiles();
      expect(files.at(-1)).toMatch(/^\d{8}-\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-\d+\.1\.done\.json$/);
      for (const file of files) expect((await journalEntry(file)).mode).toBe(0o640);
      expect((await stat(journalFolder)).mode & 0o7777).toBe(0o3770);
      const { text } = await journalEntry(files.at(-1)!);
      expect(JSON.parse(text)).toMatchObject({
        version: 1,
        uri: 'qemu:///system',
        command: 'net delete other',
        title: 'delete network other',
        steps: [{ title: 'undefine network other' }],
      });
    });

    it('of at most 200 entries', async () => {
      const entry = JSON.stringify({ version: 1 });
      const old = Array.from(
        { length: 230 },
        (_, index) => `2020-01-01T000000.${String(index).padStart(3, '0')}Z-1.1.done.json`,
      );
      await Promise.all(old.map((name) => writeFile(`${journalFolder}/${name}`, entry)));
      expect(await kvmnet(['net', 'create', 'other', '--isolated', '--no-start'])).toMatchObject({ status: 0 });
      const files = await journalFiles();
      expect(files).toHaveLength(200);
      expect(files.at(-1)).toMatch(/\.2\.done\.json$/);
      await deleteNetwork('other');
    });

    describe('whose damaged entry', () => {
      const process = { pid: 1, started: '', boot: '' };
      const entry = { version: 1, process, user: 'root', uri: 'qemu:///system', command: 'x', inputs: [], title: 'x' };
      const whole = { ...entry, steps: [] };
      const create = ['net', 'create', 'other', '--isolated', '--no-start'];
      const write = (document: object): readonly string[] => [
        'sh',
        '-c',
        'echo "$1" >"$0"',
        'FILE',
        JSON.stringify(document),
      ];

      it.each([
        ['running', 'half of a document', ['sh', '-c', 'umask 077; echo "{" >"$0"', 'FILE']],
        ['unconfirmed', 'another version', write({ ...whole, version: 2 })],
        ['running', 'no steps', write({ ...entry, steps: null })],
        ['unconfirmed', 'nothing but a version', write({ version: 1 })],
        ['partial', 'no process', write({ ...whole, process: null })],
        ['running', 'a folder', ['mkdir', 'FILE']],
        ['unconfirmed', 'a FIFO', ['mkfifo', 'FILE']],
        ['partial', 'a link', ['ln', '-s', '/etc/passwd', 'FILE']],
        ['running', 'a file that others can write', ['install', '-m', '0666', '/dev/null', 'FILE']],
        ['unconfirmed', 'a file of another user', ['install', '-o', '65534', '/dev/null', 'FILE']],
      ])(
        'that is %s is named, and set aside where that is accepted: %s',
        async (outcome, _, [program = '', ...args]) => {
          const path = `${journalFolder}/00000001-2020-01-01T000000.000Z-1.1.${outcome}.json`;
          await must(
            program,
            args.map((word) => word.replace('FILE', path)),
          );
          for (const look of [['net', 'list'], ['history']]) {
            expect(await kvmnet(look)).toMatchObject({ status: 0, stderr: expect.stringContaining(path) });
          }
          const refused = await kvmnet(create);
          expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(path) });
          expect(refused.stderr).toMatch(/^hint: .*--yes/m);
          expect(await kvmnet(['rollback'])).toMatchObject({ status: 2, stderr: expect.stringContaining(path) });
          const accepted = await kvmnet([...create, '--yes']);
          expect(accepted).toMatchObject({ status: 0, stderr: `warning: set aside: ${path}.aside\n` });
          await rm(`${path}.aside`, { recursive: true });
          await deleteNetwork('other');
        },
      );
    });

    it('that others can write, and that is not used then', async () => {
      for (const [path, mode] of [
        [process.env['KVMNET_STATE_DIR']!, '0755'],
        [journalFolder, '3770'],
      ] as const) {
        await must('chmod', ['0777', path]);
        const outcome = await kvmnet(['net', 'create', 'other', '--isolated', '--no-start', '--yes']);
        await must('chmod', [mode, path]);
        expect(outcome).toMatchObject({
          status: 1,
          stdout: '',
          stderr: expect.stringContaining('other users can write'),
        });
      }
    });

    it('whose writer was killed: what that has left aside is removed', async () => {
      await writeFile(`${journalFolder}/2020-01-01T000003.000Z-1.0.running.json.999999.new`, '{"vers');
      expect(await kvmnet(['net', 'create', 'other', '--isolated', '--no-start'])).toMatchObject({ status: 0 });
      expect(await journalFiles()).not.toContain('2020-01-01T000003.000Z-1.0.running.json.999999.new');
      await deleteNetwork('other');
    });

    it('that knows a process from another one with its number', async () => {
      await breakOff('done: define network keennet');
      const file = (await journalFiles()).at(-1)!;
      const entry = JSON.parse((await journalEntry(file)).text);
      // A process of this number runs now, but it was started later.
      await writeFile(`${journalFolder}/${file}`, JSON.stringify({ ...entry, process: { ...entry.process, pid: 1 } }));
      const next = await kvmnet(['net', 'create', 'other', '--isolated', '--no-start']);
      expect(next).toMatchObject({ status: 0, stderr: `${brokeOff}: undoing it\n` });
      await deleteNetwork('other');
    });
  });
});
