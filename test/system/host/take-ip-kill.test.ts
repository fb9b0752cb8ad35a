import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { journalFiles, kvmnetWithFault } from '../../helpers/fault/fault.ts';
import { command, kvmnet, must, run, start, startKvmnet } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import {
  closeSessions,
  hostLinks,
  nic,
  openSession,
  plugIn,
  unplug,
  untilLinksAre,
  type TcpSession,
} from '../../helpers/router.ts';
import { waitFor } from '../../helpers/wait.ts';

const create = ['bridge', 'create', 'br0', '--port', nic.name, '--take-ip', '--confirm-within', '20'];
const killed = 128 + 9;
/** By the number in its own file. */
const killWatchdog = ['bash', '-c', 'kill -9 $(jq .pid /var/lib/kvmnet/watch/*)'];

/** The moments at which it is killed: what it prints then, and how many milliseconds later. */
const moments: readonly (readonly [moment: string, line: string, later: number])[] = [
  ['while it looks at the host', 'route show', 0],
  ['before the step', 'begin: create bridge br0', 0],
  ['when ip has hardly begun', 'begin: create bridge br0', 2],
  ['while ip is at it', 'begin: create bridge br0', 6],
  ['a little later', 'begin: create bridge br0', 12],
  ['while it reads back', 'begin: create bridge br0', 30],
  ['while it asks the gateways', 'done: create bridge br0', 0],
];

onPrivateHost('bridge create --take-ip, when its run is killed', () => {
  let before: unknown;
  let session: TcpSession;

  beforeAll(async () => {
    await plugIn();
    session = await openSession();
  });
  beforeEach(async () => {
    before = await hostLinks();
    await session.goesOn();
  });
  afterEach(async () => {
    // For a test that failed.
    await startKvmnet(['rollback']).outcome;
    if ((await run('ip', ['link', 'delete', 'br0'])).status !== 0) return;
    await unplug();
    await plugIn();
  });
  afterAll(async () => {
    await closeSessions();
    await unplug();
  });

  const ended = async (seconds: number): Promise<unknown> =>
    waitFor('the watchdog to end', async () => (await run('ls', ['/var/lib/kvmnet/watch'])).stdout === '', { seconds });

  it.each(moments)('%s leaves everything as before long before the deadline', async (_, line, later) => {
    const { status } = await kvmnetWithFault({ line, signal: 'SIGKILL', later }, create);
    // Without libvirt, and without another command.
    expect(status).toBe(killed);
    await ended(15);
    await untilLinksAre(before);
    await session.goesOn();
    const [last] = (await journalFiles()).slice(-1);
    if (line !== 'route show') expect(last).toMatch(/\.[01]\.undone\.json$/);
    expect(await kvmnet(['history'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('with its whole terminal, after it has ended, is undone at the deadline', async () => {
    const words = ['setsid', 'bash', '-c', '"$@"; echo ended; read -r < <(sleep 100)', 'bash', ...command];
    const [program = '', ...args] = [...words, ...create.with(-1, '12')];
    const terminal = start(program, args);
    let told = '';
    terminal.process.stdout?.on('data', (text: string) => (told += text));
    await waitFor('the change to be made', () => told.includes('ended'));
    expect(told).toContain('confirm within 12 s');
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGKILL'] as const) process.kill(-terminal.process.pid!, signal);
    await terminal.outcome;
    expect(await must('ip', ['link', 'show', 'br0'])).toContain('br0');
    await ended(40);
    await untilLinksAre(before);
    await session.goesOn();
  });

  it('and stopped in the middle is killed at the deadline by the watchdog, and undone', async () => {
    const fault = { line: 'done: create bridge br0', signal: 'SIGSTOP' } as const;
    const { status } = await kvmnetWithFault(fault, create.with(-1, '8'));
    expect(status).toBe(killed);
    await ended(40);
    await untilLinksAre(before);
    await session.goesOn();
  });

  it('is undone by the next command where the watchdog has been killed too', async () => {
    const fault = {
      line: 'done: create bridge br0',
      run: killWatchdog,
      signal: 'SIGKILL',
    } as const;
    expect((await kvmnetWithFault(fault, create)).status).toBe(killed);
    expect(await must('ip', ['link', 'show', 'br0'])).toContain('br0');
    const looking = await kvmnet(['bridge', 'list']);
    expect(looking.stderr).toContain('a run broke off in the middle of "create bridge br0 with eth0"');
    const next = await kvmnet(['bridge', 'create', 'br9']);
    expect(next).toMatchObject({
      status: 0,
      stderr: 'an earlier run broke off in the middle of "create bridge br0 with eth0": undoing it\n',
    });
    await must('ip', ['link', 'delete', 'br9']);
    await must('rm', ['-r', '/var/lib/kvmnet/watch']);
    await untilLinksAre(before);
    await session.goesOn();
  });
});
