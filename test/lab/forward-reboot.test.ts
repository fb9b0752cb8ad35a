/** Port forwards after a reboot: without a command of kvmnet, by libvirt's hook and by systemd's unit. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { must, root } from '../helpers/host.ts';
import { labLimit, runInLab } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

const everything = {
  'outside tcp 10.9.0.1': 'from 10.9.0.2',
  'outside udp 10.9.0.1': 'from 10.9.0.2',
  'outside tcp fd09::1': 'from fd09::2',
  'host tcp 127.0.0.1': 'from 192.168.77.1',
};

const asBefore = {
  wanted: '/etc/systemd/system/kvmnet-nat.service',
  booted: everything,
  lost: { 'outside tcp 10.9.0.1': 'ECONNREFUSED' },
  unit: everything,
};

const script = 'test/lab/forward/reboot.js';

describe('port forwards after a reboot', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp('/tmp/kvmnet-reboot-');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('work on a machine with a kernel of its own, from their files alone', async () => {
    await must(`${root}test/lab/enter`, ['node', `${root}${script}`, 'before', `${folder}/files`]);
    const files = (await readFile(`${folder}/files`)).toString('base64');
    const { status, stdout } = await runInLab(
      `base64 -d >/tmp/files <<'FILES'\n${files}\nFILES\nENTER_FILES=/tmp/files test/lab/enter node ${script} after hook`,
      { iptables: true },
    );
    const { wanted, booted } = asBefore;
    expect({ status, stdout: JSON.parse(stdout) as unknown }).toEqual({ status: 0, stdout: { wanted, booted } });
  });

  // The machines have no nftables: here only the network part of the kernel is a new one.
  it.each([
    ['iptables', 'enter', []],
    ['nftables', 'release', ['trixie']],
    ['nftables', 'release', ['forky']],
  ] as const)(
    'work with the %s backend by the hook, and by the unit alone: %s %p',
    async (backend, program, release) => {
      const file = `${folder}/${program}${release.join('')}`;
      const boot = async (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<unknown> =>
        JSON.parse(await must(`${root}test/lab/${program}`, [...release, 'node', script, ...args], { env }));
      expect(await boot({}, 'before', file, backend)).toEqual({});
      expect(await boot({ ENTER_FILES: file }, 'after')).toEqual(asBefore);
    },
  );
});
