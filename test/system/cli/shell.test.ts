import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { restartDaemon, signalDaemon } from '../../helpers/daemon.ts';
import { commandText, must, startKvmnet } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { atTerminal } from '../../helpers/terminal.ts';
import { waitFor } from '../../helpers/wait.ts';

const prompt = 'kvmnet> ';
const shell = `exec ${commandText} shell`;

onPrivateHost('kvmnet shell', () => {
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    const folder = await mkdtemp(`${tmpdir()}/kvmnet-shell-`);
    env = { KVMNET_STATE_DIR: folder, KVMNET_URI: undefined, LIBVIRT_DEFAULT_URI: undefined };
  });
  afterAll(async () => {
    await rm(env.KVMNET_STATE_DIR ?? '', { recursive: true });
  });

  it('reopens its connection if the daemon was restarted between two lines', async () => {
    const { screen, status } = await atTerminal(
      shell,
      [
        [prompt, 'net list\n'],
        ['no networks', ''],
        [prompt, 'net list\n'],
        ['no networks', ''],
        [prompt, 'exit\n'],
      ],
      { env, at: { 2: restartDaemon } },
    );
    expect(screen).not.toContain('error');
    expect(status).toBe(0);
  });

  it('cancels a command by Ctrl-C while the daemon is silent, and continues', async () => {
    await signalDaemon('STOP');
    try {
      const { status } = await atTerminal(
        shell,
        [
          [prompt, 'net list\n'],
          ['connecting to', '\u0003'],
          ['error: interrupted', ''],
          [prompt, 'net list\n'],
          ['no networks', ''],
          [prompt, 'exit\n'],
        ],
        { env, at: { 3: () => signalDaemon('CONT') } },
      );
      expect(status).toBe(0);
    } finally {
      await signalDaemon('CONT');
    }
  });

  it('can be left while the daemon is silent', async () => {
    await signalDaemon('STOP');
    try {
      const turns = [
        [prompt, 'net list\n'],
        ['connecting to', '\u0003'],
        [`error: interrupted\n${prompt}`, 'exit\n'],
      ] as const;
      expect((await atTerminal(shell, turns, { env })).status).toBe(0);
    } finally {
      await signalDaemon('CONT');
    }
  });

  it('rolls a change back by Ctrl-C, and does not run the rest of the script', async () => {
    const { process: child, outcome } = startKvmnet(['shell', '-x', '-v'], {
      env,
      stdin: 'net create broken --nat 192.168.77.0/24\nnet list\n',
    });
    let said = '';
    child.stderr?.on('data', (text: string) => (said += text));
    await waitFor('the network to be defined', () => said.includes('begin: define'), { everyMilliseconds: 1 });
    child.kill('SIGINT');
    const { stderr, status } = await outcome;
    expect(stderr).toContain('interrupted: rolling back');
    expect(stderr).not.toContain('$ kvmnet net list');
    expect(status).toBe(130);
    expect((await must('virsh', ['-q', 'net-list', '--all', '--name'])).trim()).toBe('');
  });
});
