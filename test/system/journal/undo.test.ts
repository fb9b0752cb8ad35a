import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, preloading, root, run } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const running = 'runner';
const shutOff = 'sleeper';

/** State that an undo has to restore: definitions, UUIDs, MACs, autostart and running state. */
function everything(): Promise<readonly string[]> {
  const lines = [
    ['net-list', '--all'],
    ['net-dumpxml', 'keennet'],
    ['net-dumpxml', 'keennet', '--inactive'],
    ['list', '--all'],
    ['dumpxml', shutOff],
    ['dumpxml', running, '--inactive'],
    ['domiflist', running],
  ];
  return Promise.all(lines.map(async (line) => (await run('virsh', ['-c', 'qemu:///system', ...line])).stdout));
}

async function done(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await kvmnet(args);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

onPrivateHost('history and undo', () => {
  const guests: Guest[] = [];
  let before: readonly string[];

  beforeAll(async () => {
    await done('net', 'create', 'keennet', '--nat', '192.168.132.0/24', '--bridge-name', 'keenbr0');
    await done('net', 'create', 'other', '--nat', '192.168.133.0/24', '--no-autostart');
    guests.push(await makeGuestWithoutSystem(running), await makeGuestWithoutSystem(shutOff, { start: false }));
    await done('vm', 'attach', running, 'other');
    await done('vm', 'attach', shutOff, 'other');
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await done('net', 'delete', 'keennet', 'other', '--yes');
  });

  beforeEach(async () => {
    before = await everything();
  });

  describe('undo restores what was before', () => {
    it.each([
      ['net delete', ['net', 'delete', 'keennet']],
      ['net stop', ['net', 'stop', 'keennet']],
      ['net autostart', ['net', 'autostart', 'keennet', '--disable']],
      ['vm detach', ['vm', 'detach', shutOff, '0']],
      ['vm move of a NIC that is plugged in', ['vm', 'move', running, '0', 'keennet']],
      ['vm link', ['vm', 'link', shutOff, '0', 'down']],
    ])('after %s', async (_name, args) => {
      await done(...args);
      expect(await everything()).not.toEqual(before);
      expect(await done('undo')).toMatch(/^undone: /);
      expect(await everything()).toEqual(before);
    });
  });

  it('undoes an undo by its number, and then undoes that too', async () => {
    await done('net', 'autostart', 'keennet', '--disable');
    const changed = await everything();
    await done('undo');
    await done('undo', '1');
    expect(await everything()).toEqual(changed);
    await done('undo');
    expect(await everything()).toEqual(before);
  });

  it('undoes the newest change where the clock was set back a day before it', async () => {
    await done('net', 'create', 'first', '--isolated', '--no-start');
    const clock = { ...preloading(`${root}test/helpers/fault/clock.cjs`), FAULT_CLOCK: '-86400000' };
    expect(await kvmnet(['net', 'create', 'second', '--isolated', '--no-start'], { env: clock })).toMatchObject({
      status: 0,
    });
    const listed = JSON.parse(await done('history', '--last', '2', '--json')) as readonly {
      title: string;
      time: string;
    }[];
    expect(listed.map(({ title }) => title)).toEqual(['create network second', 'create network first']);
    expect(Date.parse(listed[0]!.time)).toBeLessThan(Date.parse(listed[1]!.time));
    expect(await done('undo')).toBe('undone: create network second\n');
    expect(await done('undo')).toBe('undone: create network first\n');
    expect(await everything()).toEqual(before);
  });

  it('asks before it undoes what was changed again since', async () => {
    await done('vm', 'attach', shutOff, 'keennet');
    await done('vm', 'link', shutOff, '1', 'down');
    const { stderr, status } = await kvmnet(['undo', '2']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^"link down on NIC .*" has changed the same since then$/m);
    await done('undo');
    await done('undo');
    expect(await everything()).toEqual(before);
  });

  it('names who is cut off when a network that has guests is undone', async () => {
    await done('net', 'create', 'short', '--nat', '192.168.134.0/24');
    await done('vm', 'attach', shutOff, 'short');
    const { stderr, status } = await kvmnet(['undo', '2']);
    expect({ stderr, status }).toMatchObject({ status: 2 });
    expect(stderr).toMatch(`${shutOff} (shut off) will not start without network short`);
    await done('undo');
    await done('undo');
    expect(await everything()).toEqual(before);
  });

  it('lists the newest change first, with time, user, outcome and command, and keeps it from users who are not members of group libvirt', async () => {
    await done('net', 'autostart', 'other');
    await done('net', 'autostart', 'other', '--disable');
    const [newest, older] = JSON.parse(await done('history', '--json')) as Record<string, unknown>[];
    expect(newest).toMatchObject({
      number: 1,
      command: 'net autostart other --disable',
      outcome: 'done',
      user: 'root',
    });
    expect(older).toMatchObject({ number: 2, command: 'net autostart other', outcome: 'done' });
    const directory = process.env.KVMNET_STATE_DIR ?? '/var/lib/kvmnet';
    expect((await stat(`${directory}/journal`)).mode & 0o7777).toBe(0o3770);
  });

  it('refuses a number that does not exist, and what is undone already', async () => {
    expect(await kvmnet(['undo', '999'])).toMatchObject({ status: 2, stdout: '' });
    await done('net', 'autostart', 'other');
    await done('undo');
    const { stderr, status } = await kvmnet(['undo', '2']);
    expect(status).toBe(2);
    expect(stderr).toMatch('is already undone');
  });

  it('undoes each change once where five undo at once', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `race${index}`);
    for (const name of names) await done('net', 'create', name, '--isolated', '--no-start');
    const outcomes = await Promise.all(names.map(() => kvmnet(['undo', '--yes', '--timeout', '120'])));
    expect(outcomes.map(({ stdout }) => stdout).sort()).toEqual(
      names.map((name) => `undone: create network ${name}\n`),
    );
    expect(outcomes.map(({ status, stderr }) => `${status} ${stderr}`)).toEqual(names.map(() => '0 '));
    expect(await everything()).toEqual(before);
  });

  it('has no entry of what libvirt refused, and the next command runs', async () => {
    const history = await done('history');
    const range = "<range start='192.168.132.120' end='192.168.132.110'/>";
    for (const lives of [['--live'], ['--config'], ['--live', '--config']]) {
      const { stderr, status } = await kvmnet(['net-update', 'keennet', 'add', 'ip-dhcp-range', range, ...lives]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('everything is as before') });
      expect(await done('history')).toBe(history);
    }
    expect(await everything()).toEqual(before);
    await done('net', 'autostart', 'other');
    await done('undo');
  });
});
