import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cp, mkdir, rm } from 'node:fs/promises';
import { labCache } from '../../helpers/lab.ts';
import { kvmnet, must, root, run, virshWith, virsh, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const folder = '/run/kvmnet-test/container';
const uri = ['-c', 'lxc:///system'];

/** busybox is its only program: it sleeps. */
const container = `<domain type='lxc'>
  <name>C1</name>
  <memory unit='MiB'>64</memory>
  <os><type>exe</type><init>/bin/busybox</init><initarg>sleep</initarg><initarg>100000</initarg></os>
  <devices>
    <filesystem type='mount'><source dir='${folder}'/><target dir='/'/></filesystem>
    <console type='pty'/>
  </devices>
</domain>`;

onPrivateHost('a container', () => {
  const inLxc = (...args: readonly string[]): Promise<Outcome> => kvmnet([...uri, ...args]);
  const virshLxc = (...args: readonly string[]): Promise<string> => must('virsh', ['-q', ...uri, ...args]);

  async function json(...args: readonly string[]) {
    const { stdout, stderr, status } = await inLxc(...args, '--json');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return JSON.parse(stdout);
  }

  /** The MACs of its NICs, in one life. */
  async function macs(...flags: readonly '--inactive'[]): Promise<string[]> {
    return [...(await virshLxc('dumpxml', 'C1', ...flags)).matchAll(/<mac address='(.*?)'/g)].map(([, mac]) => mac!);
  }

  beforeAll(async () => {
    await must(`${root}test/lab/lab`, ['guest']);
    for (const each of ['bin', 'dev', 'proc', 'sys']) await mkdir(`${folder}/${each}`, { recursive: true });
    await cp(`${labCache}/busybox`, `${folder}/bin/busybox`);
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await must('ip', ['link', 'set', 'dev', 'br0', 'up']);
    const lan = `<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`;
    await virshWith(lan, 'net-define', 'FILE');
    await virsh('net-start', 'lan');
    await virshWith(container, ...uri, 'define', 'FILE');
    expect(await inLxc('vm', 'start', 'C1')).toEqual({ stdout: 'started C1\n', stderr: '', status: 0 });
  });

  afterAll(async () => {
    await run('virsh', [...uri, 'destroy', 'C1']);
    await virshLxc('undefine', 'C1');
    await virsh('net-destroy lan; net-undefine lan');
    await must('ip', ['link', 'delete', 'dev', 'br0']);
    await rm(folder, { recursive: true });
  });

  it('is attached to a bridge while it runs, in both scopes and without a model', async () => {
    const { mac } = await json('vm', 'attach', 'C1', 'br0');
    expect([await macs(), await macs('--inactive')]).toEqual([[mac], [mac]]);
    expect(await virshLxc('dumpxml', 'C1')).not.toMatch('<model');
    expect(await json('vm', 'nics', 'C1')).toMatchObject([{ mac, live: 'br0', nextBoot: 'br0', bridge: 'br0' }]);
  });

  it('is listed as virsh lists it, running and shut off', async () => {
    for (const args of [['C1'], ['C1', '--inactive']]) {
      const { stdout } = await inLxc('domiflist', ...args);
      expect(stdout).toBe(await must('virsh', [...uri, 'domiflist', ...args]));
      expect(stdout).toMatch(/ bridge {3}br0 {6}- {7}52:54:00:/);
    }
  });

  it('is shown, marked and deleted without what containers do not have: managed saves, snapshots', async () => {
    expect(await json('vm', 'show', 'C1')).toMatchObject([
      { state: 'running', reason: 'booted', osType: 'exe', maxMemoryKiB: 65_536, problems: [] },
    ]);
    // Its processor time increases.
    const steady = (text: string): string => text.replace(/CPU time: .*/, '');
    const theirs = await run('virsh', [...uri, 'dominfo', 'C1']);
    const ours = await kvmnet(['virsh', ...uri, 'dominfo', 'C1']);
    expect(steady(ours.stdout)).toBe(steady(theirs.stdout));
    const definition = await virshLxc('dumpxml', 'C1', '--inactive');
    expect(await inLxc('vm', 'autostart', 'C1')).toMatchObject({ status: 0, stderr: '' });
    expect(await inLxc('vm', 'delete', 'C1', '--force')).toEqual({ stdout: 'deleted C1\n', stderr: '', status: 0 });
    expect(await inLxc('undo')).toMatchObject({ status: 0, stderr: '' });
    expect(await virshLxc('dumpxml', 'C1', '--inactive')).toBe(definition);
    expect(await virshLxc('list', '--all', '--autostart', '--name')).toContain('C1');
    expect(await inLxc('vm', 'autostart', 'C1', '--disable')).toMatchObject({ status: 0 });
    expect(await inLxc('vm', 'start', 'C1')).toEqual({ stdout: 'started C1\n', stderr: '', status: 0 });
  });

  it('is attached to a network that is a host bridge, and detached again in both scopes', async () => {
    const { mac } = await json('vm', 'attach', 'C1', 'lan');
    expect(await macs('--inactive')).toContain(mac);
    const port = /<interface type='bridge'>\s*<mac address='.{17}'\/>\s*<source network='lan' portid=.*? bridge='br0'/;
    expect(await virshLxc('dumpxml', 'C1')).toMatch(port);
    expect(await inLxc('vm', 'detach', 'C1', 'net=lan')).toEqual({
      stdout: `C1: NIC ${mac} detached\n`,
      stderr: '',
      status: 0,
    });
    expect([(await macs()).length, (await macs('--inactive')).length]).toEqual([1, 1]);
    expect((await virsh('net-port-list', 'lan', '--uuid')).trim()).toBe('');
  });

  it('cannot change its NICs while it runs, which libvirt does not support: the hint names the command that works', async () => {
    for (const args of [
      ['vm', 'link', 'C1', '0', 'down'],
      ['vm', 'move', 'C1', '0', 'lan'],
    ]) {
      const { stdout, stderr, status } = await inLxc(...args);
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
      expect(stderr).toMatch(
        /^error: libvirt cannot change the NICs of C1 while it runs: it is a container\nhint: --config/,
      );
    }
    expect(await inLxc('vm', 'link', 'C1', '0', 'down', '--config')).toMatchObject({ stderr: '', status: 0 });
    expect((await json('vm', 'nics', 'C1'))[0]).toMatchObject({ problems: ['at the next boot with link down'] });
  });

  it('takes no model', async () => {
    const { stderr, status } = await inLxc('vm', 'attach', 'C1', 'br0', '--model', 'virtio');
    expect(status).toBe(2);
    expect(stderr).toBe(
      'error: --model virtio: C1 is a container, whose NICs have no model\nhint: leave out --model\n',
    );
  });

  it('is without NICs once the last is out, and stops when it is forced to', async () => {
    expect(await inLxc('vm', 'detach', 'C1', '0')).toMatchObject({ stderr: '', status: 0 });
    expect([await macs(), await macs('--inactive')]).toEqual([[], []]);
    expect((await inLxc('vm', 'stop', 'C1', '--timeout', '15')).stderr).toMatch(/still running.*\nhint: .*--force/);
    expect(await inLxc('vm', 'stop', 'C1', '--force')).toEqual({ stdout: 'stopped C1\n', stderr: '', status: 0 });
  });
});
