import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { nicIn, nicsOf, type SeenNic } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot } from '../../helpers/snapshot.ts';
import { waitFor } from '../../helpers/wait.ts';

const xml = (name: string, subnet: string, more = ''): string => `<network>
  <name>${name}</name>
  <forward mode='nat'/>
  <bridge name='${name}0' stp='off' delay='0'/>
  <ip address='${subnet}.1' netmask='255.255.255.0'><dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip>${more}
</network>`;

onPrivateHost('the life of a network', () => {
  let folder = '';
  const guests: Guest[] = [];

  beforeAll(async () => {
    folder = await mkdtemp('/run/kvmnet-life-');
    await virshWith(xml('red', '192.168.201'), 'net-define', 'FILE');
    await virshWith(xml('blue', '192.168.202'), 'net-define', 'FILE');
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    for (const name of (await virsh('net-list', '--all', '--name')).split('\n').filter((line) => line !== '')) {
      await kvmnet(['net', 'delete', name, '--yes']);
    }
    await rm(folder, { recursive: true });
  });

  async function info(name: string): Promise<Record<string, string>> {
    const lines = (await virsh('net-info', name)).trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split(/: +/) as [string, string]));
  }

  it('is started and stopped, several at once, and the command reports each', async () => {
    expect(await kvmnet(['net', 'start', 'red'])).toEqual({ stdout: 'started red\n', stderr: '', status: 0 });
    expect(await info('red')).toMatchObject({ Active: 'yes', Autostart: 'no' });
    expect(await kvmnet(['net', 'start', 'red'])).toEqual({
      stdout: 'start network red: nothing to do\n',
      stderr: '',
      status: 0,
    });
    expect((await kvmnet(['net', 'start', 'red', 'blue'])).stdout).toBe('started blue; nothing to do for red\n');
    expect(await info('blue')).toMatchObject({ Active: 'yes' });
    expect((await kvmnet(['net', 'stop', 'blue', 'red'])).stdout).toBe('stopped blue, red\n');
    expect(await info('red')).toMatchObject({ Active: 'no', Persistent: 'yes' });
  });

  it('is started at boot, or not', async () => {
    expect((await kvmnet(['net', 'autostart', 'red'])).stdout).toBe('red: started at boot\n');
    expect(await info('red')).toMatchObject({ Autostart: 'yes' });
    const { stdout } = await kvmnet(['net', 'autostart', 'red', '--disable']);
    expect(stdout).toBe('red: not started at boot any more\n');
    expect(await info('red')).toMatchObject({ Autostart: 'no' });
  });

  it.each([
    ['start', 'rde', 'red'],
    ['stop', 'blu', 'blue'],
    ['autostart', 'Red', 'red'],
    ['delete', 'bleu', 'blue'],
    ['show', 'redd', 'red'],
    ['xml', 'blue1', 'blue'],
  ])('is not touched by net %s under a wrong name, and the nearest is named', async (verb, wrong, nearest) => {
    const before = await snapshot();
    const names = verb === 'xml' ? [wrong] : ['red', wrong];
    const outcome = await kvmnet(['net', verb, ...names]);
    expect(outcome).toEqual({
      stdout: '',
      stderr: `error: no network ${wrong}\nhint: did you mean ${nearest}?\n`,
      status: 2,
    });
    await expectUnchanged(before);
  });

  it('has the XML that libvirt has, live and at its next start', async () => {
    const uuid = (await info('red'))['UUID']!;
    await kvmnet(['net', 'start', 'red']);
    for (const [flag, virshFlag] of [
      [[], []],
      [['--inactive'], ['--inactive']],
    ] as const) {
      const { stdout } = await kvmnet(['net', 'xml', uuid, ...flag]);
      expect(stdout.trim()).toBe((await virsh('net-dumpxml', 'red', ...virshFlag)).trim());
    }
    await kvmnet(['net', 'stop', 'red']);
  });

  it('is shown with its addresses, and with a bridge that is gone as broken', async () => {
    await kvmnet(['net', 'start', 'red']);
    const { stdout } = await kvmnet(['net', 'show', 'red', 'blue']);
    expect(stdout).toMatch(/^Name +red\n/);
    expect(stdout).toMatch(/^State +active, persistent, not started at boot$/m);
    expect(stdout).toMatch(/^Gateway +192\.168\.201\.1$/m);
    expect(stdout).toMatch(/^DHCP +192\.168\.201\.2 - 192\.168\.201\.254$/m);
    expect(stdout).toMatch(/\n\nName +blue\n/);

    await must('ip', ['link', 'delete', 'dev', 'red0']);
    const list = await kvmnet(['net', 'list']);
    expect(list.stdout).toMatch(/^red +broken .*its bridge red0 is gone$/m);
    expect(list.stdout).toMatch(/^blue +inactive /m);
    const [shown] = JSON.parse((await kvmnet(['net', 'show', 'red', '--json'])).stdout);
    expect(shown).toMatchObject({ name: 'red', active: true, problems: ['its bridge red0 is gone'] });
    const again = await kvmnet(['net', 'start', 'red']);
    expect(again.status).toBe(3);
    expect(again.stderr).toContain(
      'network red is active, but broken: its bridge red0 is gone; kvmnet net heal red repairs it',
    );
    expect(await kvmnet(['net', 'stop', 'red'])).toMatchObject({ status: 0 });
  });

  describe('is defined from a file', () => {
    it('with what kvmnet does not know kept, and redefined by its UUID', async () => {
      const file = `${folder}/green.xml`;
      const metadata = `<metadata><own:note xmlns:own='http://example.org/own'>kept &amp; whole</own:note></metadata>`;
      const definition = xml('green', '192.168.203').replace('</name>', `</name>${metadata}`);
      await writeFile(file, definition);
      const defined = await kvmnet(['net', 'define', file]);
      expect(defined).toEqual({
        stdout: 'defined green; start it with: kvmnet net start green\n',
        stderr: '',
        status: 0,
      });
      expect(await virsh('net-dumpxml', 'green')).toContain('kept &amp; whole');

      const twice = await kvmnet(['net', 'define', file]);
      const { UUID } = await info('green');
      expect(twice).toMatchObject({ status: 2, stdout: '' });
      expect(twice.stderr).toContain('network green already exists');
      expect(twice.stderr).toContain(`<uuid>${UUID}</uuid>`);

      const changed = (await virsh('net-dumpxml', 'green')).replace('203.254', '203.99');
      const redefined = await kvmnet(['net', 'define', '-'], { stdin: changed });
      expect(redefined).toEqual({ stdout: 'redefined green\n', stderr: '', status: 0 });
      expect(await virsh('net-dumpxml', 'green')).toContain("end='192.168.203.99'");
      const same = await kvmnet(['net', 'define', '-'], { stdin: changed });
      expect(same).toEqual({ stdout: 'redefine network green: nothing to do\n', stderr: '', status: 0 });
    });

    it('and takes effect at the next start when it is active', async () => {
      await kvmnet(['net', 'start', 'green']);
      const changed = (await virsh('net-dumpxml', 'green', '--inactive')).replace('203.99', '203.50');
      const { stderr, status } = await kvmnet(['net', 'define', '-'], { stdin: changed });
      expect(status).toBe(0);
      expect(stderr).toBe('warning: network green is active: the new definition takes effect when it starts next\n');
      expect(await virsh('net-dumpxml', 'green')).toContain("end='192.168.203.99'");
      expect(await virsh('net-dumpxml', 'green', '--inactive')).toContain("end='192.168.203.50'");
      await kvmnet(['net', 'delete', 'green']);
    });
  });

  it('is validated against the host without a change, with status 3 when something is found', async () => {
    const before = await snapshot();
    const good = await kvmnet(['net', 'validate', '-'], { stdin: xml('green', '192.168.203') });
    expect(good).toEqual({ stdout: 'green: no problems found\n', stderr: '', status: 0 });
    const bad = await kvmnet(['net', 'validate', '-'], { stdin: xml('red', '192.168.202') });
    expect(bad).toMatchObject({ stderr: '', status: 3 });
    expect(bad.stdout).toMatch(/^error: name: network red already exists/m);
    expect(bad.stdout).toMatch(/^error: ip\[0\]\.address: 192\.168\.202\.0\/24 overlaps network blue/m);
    const { findings } = JSON.parse(
      (await kvmnet(['net', 'validate', '-', '--json'], { stdin: xml('red', '192.168.202') })).stdout,
    );
    expect(findings[0]).toMatchObject({ severity: 'error', code: 'CONFLICT', path: 'name' });
    await expectUnchanged(before);
  });

  describe('with guests attached', () => {
    const running = '52:54:00:00:01:01';
    const off = '52:54:00:00:01:02';

    beforeAll(async () => {
      await kvmnet(['net', 'start', 'red', 'blue']);
      guests.push(await makeGuestWithoutSystem('running', { nics: [nicIn('red', running)] }));
      guests.push(await makeGuestWithoutSystem('off', { nics: [nicIn('red', off)], start: false }));
      // The kernel gives a tap its own address a moment later.
      const [{ tap = '' }] = (await nicsOf('running')) as [SeenNic];
      const address = async (): Promise<boolean> =>
        (await must('ip', ['-6', '-o', 'address', 'show', 'dev', tap, '-tentative'])) !== '';
      await waitFor(`the address of ${tap}`, address);
    });

    it.each(['stop', 'delete'])('is not touched by net %s without consent, and every guest is named', async (verb) => {
      const before = await snapshot();
      const { stdout, stderr, status } = await kvmnet(['net', verb, 'blue', 'red']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
      expect(stderr).toMatch(new RegExp(`^error: ${verb} networks blue, red needs your consent:$`, 'm'));
      expect(stderr).toMatch(new RegExp(`^stopping network red cuts off running: NIC ${running} \\(vnet\\d+\\)$`, 'm'));
      expect(stderr.includes('off (shut off) will not start without network red: 52:54:00:00:01:02')).toBe(
        verb === 'delete',
      );
      expect(stderr).toMatch(
        verb === 'stop'
          ? /^hint: repeat the command with --yes to accept$/m
          : /^hint: .* --yes to accept; or kvmnet net delete blue red --move-to NETWORK moves the NICs first$/m,
      );
      await expectUnchanged(before);
    });

    it('is shown with them', async () => {
      const { stdout } = await kvmnet(['net', 'show', 'red']);
      expect(stdout).toMatch(new RegExp(`^Guest +running: ${running} \\(vnet\\d+\\)$`, 'm'));
      expect(stdout).toMatch(new RegExp(`^Guest +off: ${off}, at the next boot$`, 'm'));
    });

    it('is shown by --dry-run with the steps and what will be asked, and nothing is done', async () => {
      const before = await snapshot();
      const { stdout, status } = await kvmnet(['net', 'delete', 'red', '--dry-run']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^1\. stop network red\n2\. undefine network red$/m);
      expect(stdout).toMatch(/^needs --yes: stopping network red cuts off running/m);
      await expectUnchanged(before);
    });

    it('is deleted with --yes', async () => {
      const { stdout, stderr, status } = await kvmnet(['net', 'delete', 'red', '--yes']);
      expect({ stdout, status }).toEqual({ stdout: 'deleted red\n', status: 0 });
      expect(stderr).toBe('');
      expect((await virsh('net-list', '--all', '--name')).trim()).toBe('blue');
    });
  });
});
