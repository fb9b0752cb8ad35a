import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, run, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { kvmnetJson, nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers } from '../../helpers/reach.ts';
import { kvmnetAs } from '../../helpers/user.ts';
import { name, mac, keeper, done, everything, newest } from './keeper.ts';

onPrivateHost('the life of a domain', () => {
  let guest: Guest;
  let folder = '';
  let before: readonly string[];

  const file = async (text: string): Promise<string> => {
    await writeFile(`${folder}/domain.xml`, text);
    return `${folder}/domain.xml`;
  };
  /** Edits by a script of sed. */
  async function edit(domain: string, script: string, ...args: readonly string[]): Promise<Outcome> {
    await writeFile(`${folder}/editor`, `#!/bin/bash\nsed -i '${script}' "$1"\n`, { mode: 0o755 });
    return kvmnet(['vm', 'edit', domain, ...args], {
      env: { EDITOR: `${folder}/editor`, VISUAL: undefined },
    });
  }

  beforeAll(async () => {
    folder = await mkdtemp('/run/kvmnet-life-');
    await done('net', 'create', 'life', '--nat', '192.168.231.0/24', '--bridge-name', 'life0', '--no-stp');
    await virshWith(keeper, 'define', 'FILE');
    guest = await makeGuest(name, { nics: [nicIn('life', mac)] });
    await guest.lease();
  });

  afterAll(async () => {
    await guest.remove();
    for (const left of ['keeper', 'LVM2']) await run('virsh', ['-c', 'qemu:///system', 'undefine', left]);
    await done('net', 'delete', 'life', '--yes');
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    before = await everything();
  });

  it('is shown with its state and the addresses of its NICs', async () => {
    const address = await guest.lease();
    const { stdout } = await kvmnet(['vm', 'show']);
    expect(stdout).toMatch(/^State +running \(booted\), persistent, not started at boot$/m);
    expect(stdout).toMatch(/^Memory +96 MiB$/m);
    expect(stdout).toMatch(new RegExp(`^NIC +0: life \\(network, life0, vnet\\d+\\), ${mac}, ${address}$`, 'm'));
    expect(stdout).toMatch(/^Name +keeper\nTitle +A keeper\n[^]*\n\nName +LVM1\n/);
    expect(await kvmnetJson(['vm', 'show', name])).toMatchObject([
      { state: 'running', reason: 'booted', osType: 'hvm', cpus: 1, nics: [{ addresses: [address], problems: [] }] },
    ]);
  });

  it('has the XML that libvirt has, with its passwords only where they are asked for', async () => {
    const secure = ['--inactive', '--security-info'];
    expect(await done('vm', 'xml', 'keeper', ...secure)).toBe(await virsh('dumpxml', 'keeper', ...secure));
    expect(await done('vm', 'xml', name)).toBe(await virsh('dumpxml', name));
    expect(await done('vm', 'xml', 'keeper', '--inactive')).not.toContain('hush');
  });

  describe('is as before once this is undone:', () => {
    it.each<[title: string, args: readonly string[], seen: string]>([
      ['suspend LVM1', ['vm', 'suspend', name], 'paused (user)'],
      ['enable autostart of keeper', ['vm', 'autostart', 'keeper'], 'keeper   shut off'],
      ['suspend LVM1', ['virsh', 'suspend', name], 'paused (user)'],
      ['enable autostart of keeper', ['virsh', 'autostart', 'keeper'], 'keeper   shut off'],
      ['undefine keeper', ['virsh', 'undefine', 'keeper'], ''],
      ['delete keeper', ['vm', 'delete', 'keeper'], ''],
    ])('%s by kvmnet %j', async (title, args, seen) => {
      await done(...args);
      const changed = await everything();
      expect(changed).not.toEqual(before);
      expect(changed.join('')).toContain(seen);
      expect(await newest()).toMatchObject({ title, command: args.join(' '), undoable: true });
      expect(await done('undo')).toBe(`undone: ${title}\n`);
      // The reason is a new one: it was resumed.
      const now = await everything();
      expect(now.slice(0, 4)).toEqual(before.slice(0, 4));
      expect(now[4]).toMatch(/^running/);
    });

    it('vm resume', async () => {
      await done('vm', 'suspend', name);
      await done('vm', 'resume', name);
      await answers(await guest.lease());
      await done('undo');
      expect(await virsh('domstate', name, '--reason')).toBe('paused (user)\n');
      await done('vm', 'resume', name);
    });

    it('vm delete of one that starts at boot, which does so again, and its redo', async () => {
      await done('vm', 'autostart', 'keeper');
      const marked = await everything();
      expect(await done('vm', 'delete', 'keeper')).toBe('deleted keeper\nkept: /images/keeper.img\n');
      await done('undo');
      expect(await everything()).toEqual(marked);
      expect(await done('undo', '1')).toBe('redone: delete keeper\n');
      expect(await virsh('list', '--all', '--name')).not.toContain('keeper');
      await done('undo', '1');
      await done('vm', 'autostart', 'keeper', '--disable');
      expect(await everything()).toEqual(before);
    });

    it('vm edit, which keeps the password and hides it from other users', async () => {
      const asked = await edit('keeper', 's/A keeper/A sleeper/;s/hush/loud/');
      expect(asked.status).toBe(2);
      expect(asked.stderr).toMatch(/^- *<title>A keeper<\/title>\n\+ *<title>A sleeper<\/title>$/m);
      expect(asked.stderr).not.toMatch(/hush|loud/);
      expect(await everything()).toEqual(before);
      expect(await edit('keeper', 's/A keeper/A sleeper/', '--yes')).toMatchObject({
        ...{ stdout: 'redefined keeper\n', status: 0 },
      });
      expect((await everything())[2]).toBe(before[2]?.replace('A keeper', 'A sleeper'));
      expect(await newest()).toMatchObject({ title: 'redefine keeper', command: 'vm edit keeper' });
      await done('undo');
      expect(await everything()).toEqual(before);
    });

    it('vm edit of a definition that another program changes meanwhile is refused', async () => {
      const other = await file(keeper.replace('A keeper', 'Another'));
      await writeFile(
        `${folder}/editor`,
        `#!/bin/bash\nvirsh -q -c qemu:///system define ${other} >/dev/null\nsed -i 's/A keeper/A sleeper/' "$1"\n`,
        { mode: 0o755 },
      );
      const { stderr, stdout, status } = await kvmnet(['vm', 'edit', 'keeper', '--yes'], {
        env: { EDITOR: `${folder}/editor`, VISUAL: undefined },
      });
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
      expect(stderr).toBe(
        'error: keeper was changed by another user or program while you edited it\nhint: edit it again: kvmnet vm edit keeper\n',
      );
      expect(await virsh('dumpxml', 'keeper')).toContain('<title>Another</title>');
      await virshWith(keeper, 'define', 'FILE');
    });

    it('virsh define of a new definition, and virsh edit', async () => {
      const changed = keeper.replace('A keeper', 'Another').replace('hush', 'loud');
      const place = await file(changed);
      expect(await done('virsh', 'define', place)).toBe(`Domain 'keeper' defined from ${place}\n\n`);
      expect((await everything())[2]).toContain("passwd='loud'");
      await done('undo');
      expect(await everything()).toEqual(before);
      await writeFile(`${folder}/editor`, `#!/bin/bash\nsed -i 's/A keeper/Edited/' "$1"\n`, { mode: 0o755 });
      const env = { EDITOR: `${folder}/editor`, VISUAL: undefined };
      expect(await kvmnet(['virsh', 'edit', 'keeper'], { env })).toMatchObject({
        ...{ stdout: "Domain 'keeper' XML configuration edited.\n\n", stderr: '' },
      });
      expect(await newest()).toMatchObject({ title: 'redefine keeper', command: 'virsh edit keeper' });
      await done('undo');
      expect(await everything()).toEqual(before);
    });
  });

  it('is defined, started, stopped and deleted, and a start is undone only once that is accepted', async () => {
    const definition = (await virsh('dumpxml', name, '--inactive'))
      .replace('<name>LVM1</name>', '<name>LVM2</name>')
      .replace(/<uuid>.*<\/uuid>/, '')
      .replace(/<serial .*<\/console>/s, '')
      .replace(mac, '52:54:00:00:1f:02');
    const place = await file(definition);
    expect(await done('vm', 'define', place, '--validate')).toBe('defined LVM2; start it with: kvmnet vm start LVM2\n');
    await done('vm', 'start', 'LVM2');
    const asked = await kvmnet(['undo']);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain('this powers off LVM2, which is running');
    const refused = await kvmnet(['vm', 'delete', 'LVM2']);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^error: LVM2 is running\nhint: .*kvmnet vm stop LVM2; .*--force$/m);
    await done('undo', '--yes');
    expect(await virsh('domstate', 'LVM2')).toBe('shut off\n');
    expect(await done('undo')).toBe('undone: define LVM2\n');
    expect(await everything()).toEqual(before);
  });

  it('is asked to reboot, which nothing undoes', async () => {
    expect(await done('vm', 'reboot', name)).toBe(`asked ${name} to reboot\n`);
    expect(await newest()).toMatchObject({ title: `reboot ${name}`, undoable: false });
    const { stderr, status } = await kvmnet(['undo']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: "reboot LVM1" cannot be undone: .*\nhint: kvmnet history/);
    expect(await virsh('domstate', name)).toBe('running\n');
  });

  it('has no entry of what virsh has nothing to do for, or libvirt refuses', async () => {
    const history = await done('history');
    for (const [line, stdout] of [
      [`autostart ${name} --disable`, `Domain '${name}' unmarked as autostarted\n\n`],
      ['destroy keeper', ''],
      ['reboot keeper', ''],
      ['resume keeper', ''],
    ] as const) {
      const theirs = await run('virsh', line.split(' '));
      const ours = await kvmnet(['virsh', ...line.split(' ')]);
      expect(ours).toMatchObject({ status: theirs.status, stdout: theirs.stdout });
      expect(ours.stderr.replace(/^hint: .*\n/m, '')).toBe(theirs.stderr);
      if (stdout !== '') expect(ours.stdout).toBe(stdout);
    }
    expect(await done('history')).toBe(history);
    expect(await everything()).toEqual(before);
  });

  it('is deleted with its managed save once that is accepted, and comes back without', async () => {
    await virsh('managedsave', name);
    const asked = await kvmnet(['vm', 'delete', name]);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toMatch(
      'LVM1 has a managed save: the memory it would resume with is deleted, and undo does not',
    );
    expect(await done('vm', 'delete', name, '--yes')).toBe(`deleted ${name}\n`);
    await done('undo');
    const now = await everything();
    expect(now[3]).toBe(before[3]);
    expect(await virsh('dominfo', name)).toMatch(/^Managed save: +no$/m);
    await done('vm', 'start', name);
  });

  it('has what virsh undefine deletes in the title of the change', async () => {
    await virsh('managedsave', name);
    await done('virsh', 'undefine', name, '--managed-save', '--nvram');
    expect(await newest()).toMatchObject({
      title: `undefine ${name} and delete its managed save, its NVRAM, which undo does not restore`,
    });
    await done('undo');
    expect((await everything())[3]).toBe(before[3]);
    await done('vm', 'start', name);
  });

  describe('of which another program has changed autostart since', () => {
    const state = `${process.env['KVMNET_STATE_DIR'] ?? ''}/journal`;

    beforeEach(async () => {
      expect(await edit('keeper', 's/A keeper/A sleeper/', '--yes')).toMatchObject({ status: 0 });
      await virsh('autostart', 'keeper');
    });

    afterEach(async () => {
      await virsh('autostart', 'keeper', '--disable');
      expect(await everything()).toEqual(before);
    });

    it('is asked about before the change is undone', async () => {
      const { stderr, status } = await kvmnet(['undo']);
      expect(status).toBe(2);
      expect(stderr).toContain('domain keeper (autostart) was changed since, by another user or program');
      await done('undo', '--yes');
    });

    it('is not, where an older kvmnet has made the change, which did not look at it', async () => {
      const [last = ''] = (await readdir(state))
        .filter((each) => each.endsWith('.seen'))
        .sort()
        .reverse();
      const seen = await readFile(`${state}/${last}`, 'utf8');
      expect(seen).toContain('"autostart":"false",');
      await writeFile(`${state}/${last}`, seen.replaceAll(/"autostart":"\w+",/g, ''));
      await done('undo');
    });
  });

  it('is changed by a member of group libvirt as well, who undoes it', async () => {
    expect(await kvmnetAs('alice', ['vm', 'autostart', 'keeper'])).toMatchObject({ status: 0, stderr: '' });
    expect(await kvmnetAs('alice', ['undo'])).toMatchObject({ status: 0, stderr: '' });
    expect(await everything()).toEqual(before);
  });
});
