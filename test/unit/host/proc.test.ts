import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseListeners } from '../../../src/host/listeners.ts';
import { isRunning, runningProcesses, startInStat, thisProcess } from '../../../src/host/processes.ts';
import { waitFor } from '../../helpers/wait.ts';

describe('what ss prints', () => {
  it('is the listening sockets, with the processes that have them', () => {
    const text = [
      'udp   UNCONN 0      0      192.168.77.1:53 0.0.0.0:* users:(("python3",pid=64,fd=3))',
      'udp   UNCONN 0      0      0.0.0.0%virbr0:67 0.0.0.0:*    users:(("dnsmasq",pid=7,fd=3),("dnsmasq",pid=8,fd=3))',
      'tcp   LISTEN 0      128    *:53 *:*',
      'tcp   LISTEN 0      32     [fe80::1]%virbr0:53 [::]:* users:(("dns masq",pid=9,fd=9))',
      'udp   UNCONN 0      0      [::]:547 [::]:*',
      'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port',
      '',
    ].join('\n');
    const none = undefined;
    expect(parseListeners(text)).toEqual([
      { protocol: 'udp', address: '192.168.77.1', device: none, port: 53, process: { name: 'python3', pid: 64 } },
      { protocol: 'udp', address: '0.0.0.0', device: 'virbr0', port: 67, process: { name: 'dnsmasq', pid: 7 } },
      { protocol: 'tcp', address: '*', device: none, port: 53, process: none },
      { protocol: 'tcp', address: 'fe80::1', device: 'virbr0', port: 53, process: { name: 'dns masq', pid: 9 } },
      { protocol: 'udp', address: '::', device: none, port: 547, process: none },
    ]);
  });
});

describe('the start of a process', () => {
  const rest = '1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 8842 22118400';

  it('is the 22nd field of its stat, whatever its name', () => {
    expect(startInStat(`42 (node) S ${rest}`)).toBe('8842');
    expect(startInStat(`42 (a) R b) (c)) S ${rest}`)).toBe('8842');
  });

  it('is none of one that has ended, though its parent has not asked for it yet', () => {
    expect(startInStat(`42 (node) Z ${rest}`)).toBeUndefined();
  });

  it('distinguishes this process from another with its number, and from one before the last boot', () => {
    const me = thisProcess();
    expect(isRunning(me)).toBe(true);
    expect(isRunning({ ...me, started: String(Number(me.started) - 1) })).toBe(false);
    expect(isRunning({ ...me, boot: 'another' })).toBe(false);
    expect(isRunning({ ...me, pid: 2 ** 22 + 1 })).toBe(false);
  });
});

describe('the processes that run', () => {
  it('are named; one that has ended is none of them, though its parent has not asked for it yet', async () => {
    // The shell becomes sleep, which asks for no child.
    const script = 'exec 3<&0; cat <&3 >&2 & echo $!; exec sleep 600';
    const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      const ended = await new Promise<string>((resolve) => {
        parent.stdout.once('data', (text) => resolve(String(text).trim()));
      });
      const isSleep = () => runningProcesses().some(({ pid, name }) => pid === String(parent.pid) && name === 'sleep');
      await waitFor('the shell to become sleep', () => Promise.resolve(isSleep()));
      parent.stdin.end();
      await waitFor('its child to end', () =>
        Promise.resolve(readFileSync(`/proc/${ended}/stat`, 'utf8').includes(') Z ')),
      );
      expect(runningProcesses().map(({ pid }) => pid)).not.toContain(ended);
    } finally {
      parent.kill();
    }
  });
});
