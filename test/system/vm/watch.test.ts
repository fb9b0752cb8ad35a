import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { startDaemon, stopDaemon } from '../../helpers/daemon.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import {
  command,
  commandText,
  kvmnet,
  must,
  run,
  startKvmnet,
  virsh,
  virshWith,
  type Running,
} from '../../helpers/host.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { atTerminal } from '../../helpers/terminal.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = `<network><name>seen</name><bridge name='seen0' stp='off' delay='0'/>
  <ip address='192.168.79.1' prefix='24'><dhcp><range start='192.168.79.100' end='192.168.79.199'/></dhcp></ip></network>`;
const mac = '52:54:00:00:79:01';

interface Watching {
  readonly running: Running;
  readonly text: () => string;
}

/** Starts a watch, and waits until it has begun. */
function watch(...words: readonly string[]): Promise<Watching> {
  return begun(startKvmnet(['watch', ...words]));
}

async function begun(running: Running): Promise<Watching> {
  let [text, notes] = ['', ''];
  running.process.stdout!.on('data', (part: string) => (text += part));
  running.process.stderr!.on('data', (part: string) => (notes += part));
  await waitFor('the watch to begin', () => notes.includes('Ctrl-C ends it'));
  return { running, text: () => text };
}

async function end({ running }: Watching): Promise<void> {
  running.process.kill('SIGINT');
  expect(await running.outcome).toMatchObject({ status: 0 });
}

const monitors = async (): Promise<string> => (await run('pgrep', ['-f', 'ip -o monitor'])).stdout;

onPrivateHost('watch', () => {
  let guest: Guest;

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'seen');
    guest = await makeGuest('VM1', { nics: [nicIn('seen', mac)], start: false });
  });

  afterAll(async () => {
    await guest.remove();
    await kvmnet(['net', 'delete', 'seen', '--yes']);
  });

  it('prints the start of a guest, its tap and its lease as sentences, as objects, and as a drawing', async () => {
    const watching = await Promise.all([watch(), watch('--json'), watch('-t'), watch('VM1')]);
    const [lines, objects, drawing, own] = watching;
    await guest.start();
    const address = await guest.lease();
    await waitFor('the lease', () => watching.every(({ text }) => text().includes(`lease ${address}`)));
    await virsh('destroy', 'VM1');
    await waitFor('the end', () => watching.every(({ text }) => text().includes('VM1 stopped (destroyed)')));
    await must('ip', ['address', 'add', '192.168.78.1/24', 'dev', 'seen0']);
    await waitFor('the address', () => lines.text().includes('seen0 got the address 192.168.78.1/24'));
    await waitFor('the drawing', () => drawing.text().split('192.168.78.1/24').length > 1);
    for (const each of watching) await end(each);

    const text = lines.text();
    expect(text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}kernel {3}vnet\d+ \(VM1\) joined seen0$/m);
    expect(text).toMatch(/ libvirt {2}VM1 started$/m);
    expect(text).toMatch(new RegExp(` dnsmasq {2}seen: lease ${address} to ${mac} \\(VM1\\)$`, 'm'));

    const happened = objects
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
    expect(happened).toContainEqual(expect.objectContaining({ source: 'kernel', event: 'joined', master: 'seen0' }));
    const lease = { source: 'dnsmasq', object: 'lease', name: 'seen', event: 'added', address, mac, domain: 'VM1' };
    expect(happened).toContainEqual(expect.objectContaining(lease));
    expect(happened.every(({ time = '' }) => /^\d{4}-.*Z$/.test(time))).toBe(true);

    expect(drawing.text()).toMatch(/│ VM1 +│\n│ \* changed +│/);
    expect(own.text()).toContain('VM1 started');
    expect(own.text()).not.toContain('192.168.78.1');
    await must('ip', ['address', 'delete', '192.168.78.1/24', 'dev', 'seen0']);
    expect(await monitors()).toBe('');
  });

  it('reports that the daemon went away, and what has changed when it is back', async () => {
    const watching = await watch();
    await stopDaemon('KILL');
    await waitFor('the loss', () => watching.text().includes('the connection to qemu:///system is lost'));
    await startDaemon();
    await waitFor('the return', () => watching.text().includes('the connection to qemu:///system is restored'));
    await virsh('net-destroy', 'seen');
    await waitFor('the network to stop', () => watching.text().includes('network seen stopped'));
    await virsh('net-start', 'seen');
    await end(watching);
    expect(watching.text()).toContain('seen0 was deleted');
  });

  it('misses nothing from the moment at which it reports that it watches, even where ip starts slowly', async () => {
    const folder = '/run/kvmnet-slow-ip';
    await mkdir(folder, { recursive: true });
    const slow = `#!/bin/sh\ncase "$*" in *monitor*) sleep 2;; esac\nPATH=\${PATH#*:} exec ip "$@"\n`;
    await writeFile(`${folder}/ip`, slow, { mode: 0o755 });
    const watching = await begun(startKvmnet(['watch'], { env: { PATH: `${folder}:${process.env.PATH}` } }));
    for (const what of ['add', 'delete']) await must('ip', ['address', what, '192.168.78.1/24', 'dev', 'seen0']);
    await waitFor('the last event', () => watching.text().includes('seen0 lost the address 192.168.78.1/24'));
    await end(watching);
    expect(watching.text()).toContain('seen0 got the address 192.168.78.1/24');
    await rm(folder, { recursive: true });
  });

  it('ends with --count, with --for, and with its reader, and leaves no process, even after kill -9', async () => {
    // Nothing else happens to this link.
    await must('ip', ['link', 'add', 'count9', 'type', 'bridge']);
    const counting = await watch('count9', '--count', '1');
    const piped = await run('bash', ['-c', 'exec "$0" "$@" | head -1', ...command, 'watch', '--for', '1']);
    expect(piped.status).toBe(0);
    const killed = await watch();
    expect(await monitors()).not.toBe('');
    await must('ip', ['link', 'set', 'dev', 'count9', 'mtu', '1400']);
    expect(await counting.running.outcome).toMatchObject({ status: 0 });
    expect(counting.text()).toMatch(/^[^\n]*count9 changed its MTU from 1500 to 1400\n$/);
    killed.running.process.kill('SIGKILL');
    await killed.running.outcome;
    await waitFor('no process', async () => (await monitors()) === '');
    await must('ip', ['link', 'delete', 'count9']);
  });

  it('waits for a slow reader with bounded memory, keeps the order, and counts what it leaves out', async () => {
    const count = 30_000;
    const { running, text } = await watch('--json');
    const megabytes = async (): Promise<number> =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${running.process.pid}/status`, 'utf8'))![1]) / 1024;
    const before = await megabytes();
    running.process.stdout!.pause();
    const lines = Array.from({ length: count }, (_, index) => `link set dev seen0 mtu ${1280 + (index % 200)}\n`);
    await must('ip', ['-batch', '-'], { stdin: lines.join('') });
    await must('ip', ['link', 'set', 'dev', 'seen0', 'mtu', '1111']);
    await waitFor('the kernel to be heard', async () => (await run('ip', ['-s', 'link'])).status === 0);
    const after = await megabytes();
    running.process.stdout!.resume();
    await waitFor('the last change', () => text().includes('to 1111') || text().includes('dropped'));
    await end({ running, text });
    const entries = text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
    const times = entries.map(({ time = '' }) => time);
    expect(times).toEqual(times.toSorted());
    expect(entries.length).toBeLessThan(count);
    expect(after - before).toBeLessThan(200);
    await must('ip', ['link', 'set', 'dev', 'seen0', 'mtu', '1500']);
  });

  it('draws again at a terminal, until Ctrl-C', async () => {
    const { screen, status } = await atTerminal(
      `${commandText} watch -t`,
      [
        [/seen/, ''],
        ['seen0 changed its MTU from 1500 to 1400', '\u0003'],
      ],
      { at: { 0: () => must('ip', ['link', 'set', 'dev', 'seen0', 'mtu', '1400']).then(() => undefined) } },
    );
    await must('ip', ['link', 'set', 'dev', 'seen0', 'mtu', '1500']);
    expect(screen.match(/qemu:\/\/\/system/g)!.length).toBeGreaterThan(1);
    expect(status).toBe(0);
    expect(await monitors()).toBe('');
  });

  describe('refuses', () => {
    it.each([
      [['nosuch'], "no network, VM or link is named 'nosuch'"],
      [['-o', 'csv'], '-o csv is not for output that comes over time'],
      [['-t', '--json'], '-t draws'],
      [['--for', 'soon'], '--for'],
      [['--count', '0'], '--count'],
    ])('%j', async (words, reason) => {
      const { status, stderr, stdout } = await kvmnet(['watch', ...words]);
      expect({ status, text: `${stderr}${stdout}` }).toEqual({
        status: 2,
        text: expect.stringContaining(reason) as unknown,
      });
    });
  });
});
