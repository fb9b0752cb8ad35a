/** A host that is reached by ssh: this private one, through a server of its own at port 2022. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { must, run, start } from './host.ts';
import { waitFor } from './wait.ts';

const folder = '/run/kvmnet-ssh';

export const sshUri = `qemu+ssh://root@127.0.0.1:2022/system?keyfile=${folder}/key`;

/** ssh's settings for one login that stays for a minute, as users have them. */
export const sharedForAMinute = `ControlMaster auto\n  ControlPath ${folder}/%C\n  ControlPersist 60`;

export interface SshServer {
  /** The number of logins so far. */
  readonly logins: () => number;
  /** The number of connections that are open. */
  readonly open: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the server, and replaces ssh's configuration as long as it runs: /etc/ssh belongs to the machine.
 * @param config lines for ssh_config(5)
 * @param server settings of sshd_config(5), in addition
 */
export async function startSshServer(config = '', server: Readonly<Record<string, string>> = {}): Promise<SshServer> {
  for (const path of [`${folder}/etc`, `${folder}/home`, '/run/sshd']) await mkdir(path, { recursive: true });
  for (const key of ['key', 'host']) {
    if ((await readFile(`${folder}/${key}`).catch(() => undefined)) === undefined)
      await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/${key}`]);
  }
  await writeFile(
    `${folder}/etc/ssh_config`,
    `Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile ${folder}/known_hosts\n  LogLevel ERROR\n  ${config}\n`,
  );
  await must('mount', ['--bind', `${folder}/etc/ssh_config`, '/etc/ssh/ssh_config']);
  const settings = {
    ...{ Port: '2022', ListenAddress: '127.0.0.1', HostKey: `${folder}/host`, AuthorizedKeysFile: `${folder}/key.pub` },
    ...{ StrictModes: 'no', UsePAM: 'no', PermitRootLogin: 'yes', PidFile: 'none' },
    // bash reads ~/.bashrc for each program that ssh starts: the machine's may take a second, and wait for a lock.
    ...{ SetEnv: `HOME=${folder}/home`, ...server },
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const running = start('/usr/sbin/sshd', ['-D', '-e', '-f', '/dev/null', ...options], { seconds: 600 });
  let log = '';
  running.process.stderr!.on('data', (text: string) => (log += text));
  await waitFor('sshd to listen', async () => (await run('ss', ['-Hltn', 'sport = :2022'])).stdout !== '');
  const open = async (): Promise<number> =>
    (await must('ss', ['-Htn', 'state', 'established', 'sport = :2022'])).split('\n').length - 1;
  return {
    logins: () => log.split('Accepted publickey').length - 1,
    open,
    stop: async () => {
      // A login that stays would hold the server's output open for its minute.
      await run('ssh', ['-p', '2022', '-O', 'exit', 'root@127.0.0.1']);
      await waitFor('the logins to end', async () => (await open()) === 0);
      running.process.kill();
      await running.outcome;
      await must('umount', ['/etc/ssh/ssh_config']);
    },
  };
}
